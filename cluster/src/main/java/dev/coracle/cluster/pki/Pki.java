package dev.coracle.cluster.pki;

import dev.coracle.client.pem.Pem;
import dev.coracle.machinery.env.Environment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.List;
import java.util.function.Supplier;

/**
 * The keys of one cluster under its {@code pki} directory (mode 0700): made on the first start, read on every later one,
 * so that kubeconfigs and tokens stay good across restarts.
 */
public final class Pki {
    private final Path dir;
    private final CertificateAuthority authority;

    private Pki(Path dir, CertificateAuthority authority) {
        this.dir = dir;
        this.authority = authority;
    }

    public static Pki open(Path dir, Environment environment) {
        try {
            Files.createDirectories(
                    dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + dir, e);
        }
        KeyPairPem ca = stored(
                dir,
                "ca",
                () -> CertificateAuthority.create("kubernetes", environment).pem());
        return new Pki(dir, CertificateAuthority.load(ca, environment));
    }

    public String caCertificate() {
        return authority.pem().certificate();
    }

    /** For who signs what the API is asked for. */
    public String caKey() {
        return authority.pem().key();
    }

    /**
     * As whom the API server asks extension servers, and who signs nobody else: {@code front-proxy-ca}. Were it the
     * cluster's authority, whoever has it sign a certificate could tell those servers who he is.
     */
    public FrontKeys frontProxy(String name, Environment environment) {
        KeyPairPem ca = stored(
                dir,
                "front-proxy-ca",
                () -> CertificateAuthority.create("front-proxy-ca", environment).pem());
        return new FrontKeys(
                ca.certificate(),
                stored(
                        dir,
                        "front-proxy-client",
                        () -> CertificateAuthority.load(ca, environment).client(name)));
    }

    /** @param authority its certificate, PEM */
    public record FrontKeys(String authority, KeyPairPem client) {}

    public KeyPairPem client(String file, String user, String... groups) {
        return stored(dir, file, () -> authority.client(user, groups));
    }

    public KeyPairPem server(String file, String commonName, List<String> namesAndAddresses) {
        return stored(dir, file, () -> authority.server(commonName, namesAndAddresses));
    }

    /**
     * The RSA key that signs service-account tokens, PKCS #8, PEM. To find its primes takes as long as the rest of a start,
     * and nobody needs it before the first pod: so it is made when it is first asked for, and who asks meanwhile waits.
     */
    public synchronized String serviceAccountKey() {
        return stored(dir, "sa", Pki::rsa).key();
    }

    private static KeyPairPem rsa() {
        try {
            KeyPairGenerator g = KeyPairGenerator.getInstance("RSA");
            g.initialize(2048);
            var pair = g.generateKeyPair();
            return new KeyPairPem(Pem.text(pair.getPublic()), Pem.text(pair.getPrivate()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPairPem stored(Path dir, String file, Supplier<KeyPairPem> maker) {
        Path certificate = dir.resolve(file + ".crt");
        Path key = dir.resolve(file + ".key");
        try {
            if (Files.exists(certificate) && Files.exists(key)) {
                return new KeyPairPem(Files.readString(certificate), Files.readString(key));
            }
            KeyPairPem made = maker.get();
            write(key, made.key());
            // The certificate last: where it is, the key is too.
            write(certificate, made.certificate());
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep " + file + " under " + dir, e);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(part);
        Files.createFile(part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(part, text);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}

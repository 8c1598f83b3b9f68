package dev.coracle.network.ingress;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of all hosts, chosen by the name a client asks for (SNI). The set is replaced as a whole; handshakes
 * under way when that happens end with one or the other.
 */
final class Certificates extends X509ExtendedKeyManager {
    /** A chain with its key. */
    record Pair(PrivateKey key, X509Certificate[] chain) {}

    private volatile Map<String, Pair> byHost = Map.of();

    /** @param pairs by host name, {@code *.example.com} for wildcards, {@code ""} for everybody else */
    void replace(Map<String, Pair> pairs) {
        byHost = Map.copyOf(pairs);
    }

    /**
     * @throws GeneralSecurityException when the two are not a PEM chain and a PEM key (PKCS #8, or RSA's PKCS #1)
     */
    static Pair parse(String certificate, String key) throws GeneralSecurityException {
        var factory = CertificateFactory.getInstance("X.509");
        X509Certificate[] chain = factory
                .generateCertificates(new ByteArrayInputStream(certificate.getBytes(StandardCharsets.US_ASCII)))
                .stream()
                .map((Certificate c) -> (X509Certificate) c)
                .toArray(X509Certificate[]::new);
        if (chain.length == 0) {
            throw new GeneralSecurityException("no certificate");
        }
        byte[] der = key.contains("BEGIN RSA PRIVATE KEY")
                ? wrapRsa(body(key, "RSA PRIVATE KEY"))
                : body(key, "PRIVATE KEY");
        String algorithm = chain[0].getPublicKey().getAlgorithm();
        return new Pair(KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der)), chain);
    }

    private static byte[] body(String pem, String label) throws GeneralSecurityException {
        String begin = "-----BEGIN " + label + "-----";
        int from = pem.indexOf(begin);
        int to = pem.indexOf("-----END " + label + "-----");
        if (from < 0 || to < from) {
            throw new GeneralSecurityException("no " + label);
        }
        try {
            return Base64.getMimeDecoder().decode(pem.substring(from + begin.length(), to));
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("key is not base64");
        }
    }

    /** PKCS #8 is PKCS #1 in an envelope that names the algorithm (RFC 5208). */
    private static byte[] wrapRsa(byte[] pkcs1) {
        byte[] header = {2, 1, 0, 0x30, 13, 6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 13, 1, 1, 1, 5, 0};
        var inner = new ByteArrayOutputStream();
        inner.writeBytes(header);
        inner.writeBytes(tagged(4, pkcs1));
        return tagged(0x30, inner.toByteArray());
    }

    private static byte[] tagged(int tag, byte[] content) {
        var out = new ByteArrayOutputStream();
        out.write(tag);
        out.write(0x83);
        out.write(content.length >>> 16);
        out.write(content.length >>> 8);
        out.write(content.length);
        out.writeBytes(content);
        return out.toByteArray();
    }

    private @Nullable String alias(String keyType, @Nullable Socket socket) {
        String asked = "";
        if (socket instanceof SSLSocket tls && tls.getHandshakeSession() instanceof ExtendedSSLSession session) {
            for (SNIServerName name : session.getRequestedServerNames()) {
                if (name instanceof SNIHostName host) {
                    asked = host.getAsciiName().toLowerCase(Locale.ROOT);
                }
            }
        }
        for (String candidate : Routes.candidates(asked)) {
            Pair pair = byHost.get(candidate);
            if (pair != null && keyType.equals(pair.key().getAlgorithm())) {
                return candidate.isEmpty() ? "default" : candidate;
            }
        }
        return null;
    }

    private @Nullable Pair pair(@Nullable String alias) {
        return alias == null ? null : byHost.get(alias.equals("default") ? "" : alias);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return alias(keyType, socket);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
        Pair pair = pair(alias);
        return pair == null ? null : pair.chain();
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
        Pair pair = pair(alias);
        return pair == null ? null : pair.key();
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}

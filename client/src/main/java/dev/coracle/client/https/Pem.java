package dev.coracle.client.https;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads RFC 7468 text: certificates, and private keys in the three wrappings that tools write. */
final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s*([A-Za-z0-9+/=\\s]+?)-----END \\1-----");
    /** AlgorithmIdentifier of rsaEncryption with its NULL parameter. */
    private static final byte[] RSA = {
        0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00
    };
    /** The object identifier id-ecPublicKey. */
    private static final byte[] EC_PUBLIC_KEY = {0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01};

    private record Block(String label, byte[] der) {}

    private Pem() {}

    private static List<Block> blocks(String pem) {
        List<Block> blocks = new ArrayList<>();
        Matcher m = BLOCK.matcher(pem);
        while (m.find()) {
            blocks.add(new Block(m.group(1), Base64.getMimeDecoder().decode(m.group(2))));
        }
        return blocks;
    }

    static List<X509Certificate> certificates(String pem) throws GeneralSecurityException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block b : blocks(pem)) {
            if (b.label().equals("CERTIFICATE")) {
                certificates.add((X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(b.der())));
            }
        }
        if (certificates.isEmpty()) {
            throw new GeneralSecurityException("no certificate in PEM text");
        }
        return certificates;
    }

    static PrivateKey privateKey(String pem) throws GeneralSecurityException {
        for (Block b : blocks(pem)) {
            switch (b.label()) {
                case "PRIVATE KEY" -> {
                    return pkcs8(b.der());
                }
                case "RSA PRIVATE KEY" -> {
                    return pkcs8(wrapped(RSA, b.der()));
                }
                case "EC PRIVATE KEY" -> {
                    return pkcs8(wrapped(ecAlgorithm(b.der()), b.der()));
                }
                case "ENCRYPTED PRIVATE KEY" ->
                    throw new GeneralSecurityException("the private key is encrypted; decrypt it first");
                default -> {}
            }
        }
        throw new GeneralSecurityException("no private key in PEM text");
    }

    /** PKCS #8 names its algorithm, but the JDK wants to be told which factory to ask. */
    private static PrivateKey pkcs8(byte[] der) throws GeneralSecurityException {
        for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                // Another algorithm's key.
            }
        }
        throw new GeneralSecurityException("the private key is neither EC, RSA nor Ed25519");
    }

    /** PrivateKeyInfo ::= SEQUENCE { version 0, algorithm, OCTET STRING key } (RFC 5208). */
    private static byte[] wrapped(byte[] algorithm, byte[] key) {
        return element(0x30, new byte[] {0x02, 0x01, 0x00}, algorithm, element(0x04, key));
    }

    /** ECPrivateKey ::= SEQUENCE { version 1, OCTET STRING, [0] curve, [1] public key } (RFC 5915): the curve moves. */
    private static byte[] ecAlgorithm(byte[] key) throws GeneralSecurityException {
        int at = content(key, 0);
        while (at < key.length) {
            int body = content(key, at);
            int end = body + length(key, at);
            if (key[at] == (byte) 0xa0) {
                return element(0x30, EC_PUBLIC_KEY, Arrays.copyOfRange(key, body, end));
            }
            at = end;
        }
        throw new GeneralSecurityException("the EC private key does not name its curve");
    }

    private static int content(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private static int length(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = (length << 8) | (der[at + 2 + i] & 0xff);
        }
        return length;
    }

    private static byte[] element(int tag, byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(p -> p.length).sum();
        var out = new ByteArrayOutputStream(length + 4);
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            byte[] bytes = {(byte) (length >> 16), (byte) (length >> 8), (byte) length};
            int skip = length < 0x100 ? 2 : length < 0x10000 ? 1 : 0;
            out.write(0x80 | (3 - skip));
            out.write(bytes, skip, 3 - skip);
        }
        for (byte[] p : parts) {
            out.writeBytes(p);
        }
        return out.toByteArray();
    }
}

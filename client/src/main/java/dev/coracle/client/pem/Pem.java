package dev.coracle.client.pem;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** Certificates, and private keys of every algorithm in the three wrappings that tools write. */
public final class Pem {
    private Pem() {}

    /** @throws GeneralSecurityException when there is none, or one cannot be read */
    public static List<X509Certificate> certificates(String pem) throws GeneralSecurityException {
        var converter = new JcaX509CertificateConverter();
        List<X509Certificate> certificates = new ArrayList<>();
        for (Object o : objects(pem)) {
            if (o instanceof X509CertificateHolder holder) {
                certificates.add(converter.getCertificate(holder));
            }
        }
        if (certificates.isEmpty()) {
            throw new GeneralSecurityException("no certificate in PEM text");
        }
        return certificates;
    }

    /**
     * The first private key: PKCS #8 ({@code PRIVATE KEY}), PKCS #1 ({@code RSA PRIVATE KEY}) or SEC 1
     * ({@code EC PRIVATE KEY}).
     *
     * @throws GeneralSecurityException when there is none, or it is encrypted
     */
    public static PrivateKey privateKey(String pem) throws GeneralSecurityException {
        var converter = new JcaPEMKeyConverter();
        try {
            for (Object o : objects(pem)) {
                switch (o) {
                    case PEMKeyPair pair -> {
                        return converter.getPrivateKey(pair.getPrivateKeyInfo());
                    }
                    case PrivateKeyInfo info -> {
                        return converter.getPrivateKey(info);
                    }
                    case PEMEncryptedKeyPair e -> throw encrypted();
                    case PKCS8EncryptedPrivateKeyInfo e -> throw encrypted();
                    default -> {}
                }
            }
        } catch (IOException e) {
            throw new GeneralSecurityException("the private key cannot be read: " + e.getMessage(), e);
        }
        throw new GeneralSecurityException("no private key in PEM text");
    }

    private static GeneralSecurityException encrypted() {
        return new GeneralSecurityException("the private key is encrypted; decrypt it first");
    }

    private static List<Object> objects(String pem) throws GeneralSecurityException {
        List<Object> objects = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            for (Object o = parser.readObject(); o != null; o = parser.readObject()) {
                objects.add(o);
            }
            return objects;
        } catch (IOException | RuntimeException e) {
            throw new GeneralSecurityException("the PEM text cannot be read: " + e.getMessage(), e);
        }
    }

    /** Whether the two are a pair: what the one signs, the other verifies. */
    public static boolean belong(PrivateKey key, PublicKey other) {
        byte[] probe = {1, 2, 3};
        try {
            String algorithm = algorithm(other);
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(other);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            // A key of another algorithm, or of another size.
            return false;
        }
    }

    private static String algorithm(PublicKey key) {
        return switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
    }

    public static String text(X509Certificate certificate) {
        try {
            return text("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String text(PublicKey key) {
        return text("PUBLIC KEY", key.getEncoded());
    }

    /** PKCS #8, which every Java reads. */
    public static String text(PrivateKey key) {
        return text("PRIVATE KEY", key.getEncoded());
    }

    /**
     * The key in its own algorithm's wrapping, e.g. {@code EC PRIVATE KEY} with curve and public key: what kubeadm and kind
     * write, and so what some clients insist on.
     */
    public static String traditional(PrivateKey key, PublicKey itsPublicKey) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter out = new JcaPEMWriter(text)) {
            out.writeObject(
                    key instanceof ECPrivateKey ec ? new PemObject("EC PRIVATE KEY", sec1(ec, itsPublicKey)) : key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** RFC 5915; Java leaves out of it what PKCS #8 says elsewhere. */
    private static byte[] sec1(ECPrivateKey key, PublicKey itsPublicKey) throws IOException {
        var curve = PrivateKeyInfo.getInstance(key.getEncoded())
                .getPrivateKeyAlgorithm()
                .getParameters();
        var point = SubjectPublicKeyInfo.getInstance(itsPublicKey.getEncoded()).getPublicKeyData();
        int bits = key.getParams().getOrder().bitLength();
        return new org.bouncycastle.asn1.sec.ECPrivateKey(bits, key.getS(), point, curve).getEncoded();
    }

    private static String text(String label, byte[] der) {
        StringWriter text = new StringWriter();
        try (PemWriter out = new PemWriter(text)) {
            out.writeObject(new PemObject(label, der));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}

package dev.coracle.controllers.sealedsecrets;

import dev.coracle.client.pem.Pem;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A pair of keys: with the certificate anyone seals, with the key the cluster opens. */
record SealingKey(X509Certificate certificate, PrivateKey key) {
    private static final Duration LIFETIME = Duration.ofDays(3650);

    /** Vouched for by itself: who seals trusts the server that the certificate came from. */
    static SealingKey of(KeyPair pair, Instant now, BigInteger serial) {
        X500Name itself = new X500Name("CN=sealed-secrets");
        try {
            var builder = new JcaX509v3CertificateBuilder(
                    itself, serial, Date.from(now), Date.from(now.plus(LIFETIME)), itself, pair.getPublic());
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.encipherOnly));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            var signer = new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate());
            return new SealingKey(
                    new JcaX509CertificateConverter().getCertificate(builder.build(signer)), pair.getPrivate());
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("cannot make a certificate to seal with", e);
        }
    }

    /** @throws GeneralSecurityException when it holds no such pair */
    static SealingKey of(Unstructured secret) throws GeneralSecurityException {
        X509Certificate certificate = Pem.certificates(text(secret, "tls.crt")).getFirst();
        PrivateKey key = Pem.privateKey(text(secret, "tls.key"));
        if (!(key instanceof RSAPrivateKey) || !Pem.belong(key, certificate.getPublicKey())) {
            throw new GeneralSecurityException("Private key is not an RSA key, or not its certificate's");
        }
        return new SealingKey(certificate, key);
    }

    private static String text(Unstructured secret, String name) throws GeneralSecurityException {
        try {
            return new String(Base64.getDecoder().decode(secret.string("data", name)), StandardCharsets.US_ASCII);
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException(name + " is not base64", e);
        }
    }

    Unstructured secret() {
        return Unstructured.of("v1", "Secret")
                .set(KeyRing.NAMESPACE, "metadata", "namespace")
                .set(KeyRing.PREFIX, "metadata", "generateName")
                .set(KeyRing.ACTIVE, "metadata", "labels", KeyRing.LABEL)
                .set("kubernetes.io/tls", "type")
                .set(base64(pem()), "data", "tls.crt")
                .set(base64(Pem.traditional(key, certificate.getPublicKey())), "data", "tls.key");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    Instant since() {
        return certificate.getNotBefore().toInstant();
    }

    String pem() {
        return Pem.text(certificate);
    }

    RSAPublicKey publicKey() {
        return (RSAPublicKey) certificate.getPublicKey();
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "SealingKey[since=" + since() + "]";
    }
}

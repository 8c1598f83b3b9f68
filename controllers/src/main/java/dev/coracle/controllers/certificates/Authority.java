package dev.coracle.controllers.certificates;

import dev.coracle.client.pem.Pem;
import dev.coracle.machinery.env.Environment;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Signs what is asked for ({@code pkg/controller/certificates/authority}); never another authority. */
final class Authority {
    private static final Duration LIFETIME = Duration.ofDays(365);
    private static final Duration SHORTEST = Duration.ofMinutes(10);
    /** Clocks of machines differ. */
    private static final Duration BACKDATE = Duration.ofMinutes(5);

    private static final Map<String, Integer> USAGES = Map.ofEntries(
            Map.entry("signing", KeyUsage.digitalSignature),
            Map.entry("digital signature", KeyUsage.digitalSignature),
            Map.entry("content commitment", KeyUsage.nonRepudiation),
            Map.entry("key encipherment", KeyUsage.keyEncipherment),
            Map.entry("key agreement", KeyUsage.keyAgreement),
            Map.entry("data encipherment", KeyUsage.dataEncipherment),
            Map.entry("cert sign", KeyUsage.keyCertSign),
            Map.entry("crl sign", KeyUsage.cRLSign),
            Map.entry("encipher only", KeyUsage.encipherOnly),
            Map.entry("decipher only", KeyUsage.decipherOnly));
    private static final Map<String, KeyPurposeId> PURPOSES = Map.ofEntries(
            Map.entry("any", KeyPurposeId.anyExtendedKeyUsage),
            Map.entry("server auth", KeyPurposeId.id_kp_serverAuth),
            Map.entry("client auth", KeyPurposeId.id_kp_clientAuth),
            Map.entry("code signing", KeyPurposeId.id_kp_codeSigning),
            Map.entry("email protection", KeyPurposeId.id_kp_emailProtection),
            Map.entry("s/mime", KeyPurposeId.id_kp_emailProtection),
            Map.entry("ipsec end system", KeyPurposeId.id_kp_ipsecEndSystem),
            Map.entry("ipsec tunnel", KeyPurposeId.id_kp_ipsecTunnel),
            Map.entry("ipsec user", KeyPurposeId.id_kp_ipsecUser),
            Map.entry("timestamping", KeyPurposeId.id_kp_timeStamping),
            Map.entry("ocsp signing", KeyPurposeId.id_kp_OCSPSigning),
            Map.entry("microsoft sgc", KeyPurposeId.id_kp_msSGC),
            Map.entry("netscape sgc", KeyPurposeId.id_kp_nsSGC));

    private final X509Certificate certificate;
    private final PrivateKey key;
    private final Environment environment;

    /** @param pem the authority's certificate; {@code keyPem} its key */
    Authority(String pem, String keyPem, Environment environment) {
        try {
            this.certificate = Pem.certificates(pem).getFirst();
            this.key = Pem.privateKey(keyPem);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the authority for certificates cannot be read", e);
        }
        this.environment = environment;
    }

    /**
     * The certificate, PEM.
     *
     * @param wanted how long it is to be good for; zero for as long as may be
     */
    String sign(SigningRequest request, Duration wanted) {
        Instant now = environment.clock().now();
        Duration life = wanted.isZero() || wanted.compareTo(LIFETIME) > 0
                ? LIFETIME
                : wanted.compareTo(SHORTEST) < 0 ? SHORTEST : wanted;
        Instant end = now.minus(BACKDATE).plus(life);
        Instant last = certificate.getNotAfter().toInstant();
        try {
            var builder = new X509v3CertificateBuilder(
                    X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
                    new BigInteger(1, environment.entropy().bytes(16)),
                    Date.from(now.minus(BACKDATE)),
                    Date.from(end.isAfter(last) ? last : end),
                    request.request().getSubject(),
                    request.request().getSubjectPublicKeyInfo());
            int usage = request.usages().stream()
                    .map(USAGES::get)
                    .filter(Objects::nonNull)
                    .reduce(0, (a, b) -> a | b);
            if (usage != 0) {
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
            }
            List<KeyPurposeId> purposes = request.usages().stream()
                    .map(PURPOSES::get)
                    .filter(Objects::nonNull)
                    .distinct()
                    .toList();
            if (!purposes.isEmpty()) {
                builder.addExtension(
                        Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes.toArray(KeyPurposeId[]::new)));
            }
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate));
            if (request.names() != null) {
                builder.addExtension(Extension.subjectAlternativeName, false, request.names());
            }
            String algorithm = key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
            return Pem.text(new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(key))));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("cannot sign the certificate", e);
        }
    }
}

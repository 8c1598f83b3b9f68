package dev.coracle.cluster.pki;

import dev.coracle.client.pem.Pem;
import dev.coracle.machinery.env.Environment;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Signs the cluster's certificates; ECDSA on P-256 throughout. */
public final class CertificateAuthority {
    private static final Duration CA_LIFETIME = Duration.ofDays(3650);
    private static final Duration LEAF_LIFETIME = Duration.ofDays(365);

    private final Environment environment;
    private final X509Certificate certificate;
    private final PrivateKey key;

    private CertificateAuthority(Environment environment, X509Certificate certificate, PrivateKey key) {
        this.environment = environment;
        this.certificate = certificate;
        this.key = key;
    }

    /** A new self-signed authority. */
    public static CertificateAuthority create(String commonName, Environment environment) {
        try {
            KeyPair pair = generate();
            X500Name name = new X500NameBuilder(BCStyle.INSTANCE)
                    .addRDN(BCStyle.CN, commonName)
                    .build();
            Instant now = environment.clock().now();
            var builder = new JcaX509v3CertificateBuilder(
                    name,
                    serial(environment),
                    Date.from(now.minusSeconds(300)),
                    Date.from(now.plus(CA_LIFETIME)),
                    name,
                    pair.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment | KeyUsage.keyCertSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
            return new CertificateAuthority(environment, sign(builder, pair.getPrivate()), pair.getPrivate());
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("cannot make a certificate authority", e);
        }
    }

    /** An authority that was made before. */
    public static CertificateAuthority load(KeyPairPem pem, Environment environment) {
        try {
            X509Certificate certificate = Pem.certificates(pem.certificate()).getFirst();
            PrivateKey key = Pem.privateKey(pem.key());
            return new CertificateAuthority(environment, certificate, key);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the stored certificate authority cannot be read", e);
        }
    }

    public KeyPairPem pem() {
        return new KeyPairPem(Pem.text(certificate), Pem.text(key));
    }

    /** A client certificate: the common name is the user, the organizations are its groups. */
    public KeyPairPem client(String user, String... groups) {
        return issue(user, List.of(groups), KeyPurposeId.id_kp_clientAuth, List.of());
    }

    /** A serving certificate for the names and addresses. */
    public KeyPairPem server(String commonName, List<String> namesAndAddresses) {
        return issue(commonName, List.of(), KeyPurposeId.id_kp_serverAuth, namesAndAddresses);
    }

    private KeyPairPem issue(String commonName, List<String> organizations, KeyPurposeId purpose, List<String> sans) {
        try {
            KeyPair pair = generate();
            var name = new X500NameBuilder(BCStyle.INSTANCE);
            organizations.forEach(o -> name.addRDN(BCStyle.O, o));
            name.addRDN(BCStyle.CN, commonName);
            Instant now = environment.clock().now();
            var builder = new JcaX509v3CertificateBuilder(
                    certificate,
                    serial(environment),
                    Date.from(now.minusSeconds(300)),
                    Date.from(now.plus(LEAF_LIFETIME)),
                    name.build(),
                    pair.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(
                    Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate));
            if (!sans.isEmpty()) {
                GeneralName[] names = sans.stream()
                        .map(s -> new GeneralName(
                                s.matches("[0-9.]+|.*:.*") ? GeneralName.iPAddress : GeneralName.dNSName, s))
                        .toArray(GeneralName[]::new);
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            }
            return new KeyPairPem(Pem.text(sign(builder, key)), Pem.text(pair.getPrivate()));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("cannot issue a certificate for " + commonName, e);
        }
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey key)
            throws OperatorCreationException, GeneralSecurityException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    }

    private static KeyPair generate() throws GeneralSecurityException {
        KeyPairGenerator g = KeyPairGenerator.getInstance("EC");
        g.initialize(new ECGenParameterSpec("secp256r1"));
        return g.generateKeyPair();
    }

    private static BigInteger serial(Environment environment) {
        return new BigInteger(1, environment.entropy().bytes(16));
    }
}

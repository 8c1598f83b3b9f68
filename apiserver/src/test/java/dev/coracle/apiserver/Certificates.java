package dev.coracle.apiserver;

import dev.coracle.machinery.env.Environment;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority of the test's own, and what it signs. */
public final class Certificates {
    /** A certificate with its key. */
    public record Signed(X509Certificate certificate, KeyPair pair) {
        public String pem() throws Exception {
            return text("CERTIFICATE", certificate.getEncoded());
        }

        public String key() {
            return text("PRIVATE KEY", pair.getPrivate().getEncoded());
        }
    }

    private final Environment environment;
    private final Signed authority;

    public Certificates(Environment environment) throws Exception {
        this.environment = environment;
        KeyPair pair = pair();
        authority = sign("CN=test", pair, "CN=test", pair, true);
    }

    public String authorityPem() throws Exception {
        return authority.pem();
    }

    /** Good for 127.0.0.1 and as a client. */
    public Signed issue(String subject) throws Exception {
        return sign(subject, pair(), "CN=test", authority.pair(), false);
    }

    /** Good for a name, and for no address. */
    public Signed issueTo(String host) throws Exception {
        return sign(
                "CN=" + host, pair(), "CN=test", authority.pair(), false, new GeneralName(GeneralName.dNSName, host));
    }

    /** Trusts this authority, and shows a certificate of it. */
    public SSLContext context(Signed own) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("own", own.pair().getPrivate(), new char[0], new X509Certificate[] {own.certificate()});
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(keys, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), trust().getTrustManagers(), null);
        return context;
    }

    /** Trusts this authority, and shows nothing. */
    public SSLContext anonymous() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust().getTrustManagers(), null);
        return context;
    }

    private TrustManagerFactory trust() throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", authority.certificate());
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(trusted);
        return factory;
    }

    private Signed sign(String subject, KeyPair pair, String issuer, KeyPair by, boolean ca) throws Exception {
        return sign(subject, pair, issuer, by, ca, new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
    }

    private Signed sign(String subject, KeyPair pair, String issuer, KeyPair by, boolean ca, GeneralName goodFor)
            throws Exception {
        Instant now = environment.clock().now();
        var builder = new JcaX509v3CertificateBuilder(
                new X500Name(issuer),
                new BigInteger(1, environment.entropy().bytes(16)),
                Date.from(now.minusSeconds(60)),
                Date.from(now.plusSeconds(3600)),
                new X500Name(subject),
                pair.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(goodFor));
        byte[] der = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate()))
                .getEncoded();
        var converter = java.security.cert.CertificateFactory.getInstance("X.509");
        return new Signed((X509Certificate) converter.generateCertificate(new ByteArrayInputStream(der)), pair);
    }

    private static KeyPair pair() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        return generator.generateKeyPair();
    }

    private static String text(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }
}

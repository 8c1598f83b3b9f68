package dev.coracle.apiserver.builtin.certificates;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;

/** Certificates, and requests for them, as JSON carries them: PEM in Base64. */
public final class Pem {
    private Pem() {}

    /**
     * The organizations that the certificate would make its subject a member of.
     *
     * @throws IOException where that is no request
     */
    public static List<String> organizations(String base64) throws IOException {
        List<String> organizations = new ArrayList<>();
        for (RDN rdn : request(base64).getSubject().getRDNs(BCStyle.O)) {
            for (AttributeTypeAndValue part : rdn.getTypesAndValues()) {
                ASN1Encodable value = part.getValue();
                if (part.getType().equals(BCStyle.O)) {
                    organizations.add(IETFUtils.valueToString(value).replace("\\", ""));
                }
            }
        }
        return organizations;
    }

    /** Why that is no request, signed with the key it is for. */
    static Optional<String> wrongRequest(String base64) {
        try {
            PKCS10CertificationRequest request = request(base64);
            boolean signed = request.isSignatureValid(
                    new JcaContentVerifierProviderBuilder().build(request.getSubjectPublicKeyInfo()));
            return signed ? Optional.empty() : Optional.of("x509: signature verification failed");
        } catch (IOException | PKCSException | OperatorCreationException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static PKCS10CertificationRequest request(String base64) throws IOException {
        PemObject block = first(text(base64));
        if (block == null || !block.getType().equals("CERTIFICATE REQUEST")) {
            throw new IOException("PEM block type must be CERTIFICATE REQUEST");
        }
        return new PKCS10CertificationRequest(block.getContent());
    }

    /** Why these are no certificates. */
    static Optional<String> wrongCertificates(String base64) {
        int blocks = 0;
        try (PemReader reader = new PemReader(new StringReader(text(base64)))) {
            for (PemObject block = reader.readPemObject(); block != null; block = reader.readPemObject()) {
                if (!block.getType().equals("CERTIFICATE")) {
                    return Optional.of("only CERTIFICATE PEM blocks are allowed, found \"" + block.getType() + "\"");
                }
                if (!block.getHeaders().isEmpty()) {
                    return Optional.of("no PEM block headers are permitted");
                }
                blocks++;
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(block.getContent()));
            }
        } catch (IOException | CertificateException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        return blocks == 0 ? Optional.of("must contain at least one CERTIFICATE PEM block") : Optional.empty();
    }

    private static @org.jspecify.annotations.Nullable PemObject first(String text) throws IOException {
        try (PemReader reader = new PemReader(new StringReader(text))) {
            return reader.readPemObject();
        }
    }

    private static String text(String base64) throws IOException {
        try {
            return new String(Base64.getMimeDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IOException("illegal base64 data", e);
        }
    }
}

package dev.coracle.controllers.certificates;

import dev.coracle.controllers.kit.Conditions;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.jspecify.annotations.Nullable;

/**
 * What a CertificateSigningRequest asks for, read.
 *
 * @param usages as the API names them: {@code client auth}
 */
record SigningRequest(
        PKCS10CertificationRequest request,
        String signer,
        List<String> usages,
        @Nullable GeneralNames names) {
    /** @throws IOException where it cannot be read; the API lets none in that cannot */
    static SigningRequest of(Unstructured o) throws IOException {
        byte[] pem = Base64.getMimeDecoder().decode(o.string("spec", "request"));
        try (PemReader reader = new PemReader(new StringReader(new String(pem, StandardCharsets.UTF_8)))) {
            PemObject block = reader.readPemObject();
            if (block == null) {
                throw new IOException("PEM block type must be CERTIFICATE REQUEST");
            }
            PKCS10CertificationRequest request = new PKCS10CertificationRequest(block.getContent());
            Extension names = request.getRequestedExtensions() == null
                    ? null
                    : request.getRequestedExtensions().getExtension(Extension.subjectAlternativeName);
            return new SigningRequest(
                    request,
                    o.string("spec", "signerName"),
                    o.stringList("spec", "usages"),
                    names == null ? null : GeneralNames.getInstance(names.getParsedValue()));
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    static boolean isApproved(Unstructured o) {
        return Conditions.isTrue(o, "Approved") && !Conditions.isTrue(o, "Denied");
    }

    private List<String> subject(ASN1ObjectIdentifier part) {
        return Arrays.stream(request.getSubject().getRDNs(part))
                .flatMap(rdn -> Arrays.stream(rdn.getTypesAndValues()))
                .filter(p -> p.getType().equals(part))
                .map(p -> p.getValue() instanceof ASN1String s ? s.getString() : String.valueOf(p.getValue()))
                .toList();
    }

    /** As whom the certificate would speak. */
    String commonName() {
        List<String> names = subject(BCStyle.CN);
        return names.isEmpty() ? "" : names.getLast();
    }

    List<String> organizations() {
        return subject(BCStyle.O);
    }

    /** @param tag such as {@link GeneralName#dNSName} */
    boolean names(int tag) {
        return names != null && Arrays.stream(names.getNames()).anyMatch(n -> n.getTagNo() == tag);
    }
}

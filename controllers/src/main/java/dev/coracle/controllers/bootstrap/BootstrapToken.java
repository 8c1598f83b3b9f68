package dev.coracle.controllers.bootstrap;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.util.Base64URL;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A token that may sign. */
record BootstrapToken(String id, String secret) {
    static final String NAMESPACE = "kube-system";

    private static final String TYPE = "bootstrap.kubernetes.io/token";
    private static final Pattern NAME = Pattern.compile("bootstrap-token-([a-z0-9]{6})");
    /** HS256 wants a key of so many bytes; a shorter one is filled up with zeros, which changes no signature. */
    private static final int KEY = 32;

    static boolean isToken(Unstructured secret) {
        return secret.namespace().equals(NAMESPACE) && secret.string("type").equals(TYPE);
    }

    /** That of a Secret, unless it is not for signing, is over, or is not named by its id. */
    static Optional<BootstrapToken> of(Unstructured secret, Instant now) {
        Matcher name = NAME.matcher(secret.name());
        String id = data(secret, "token-id");
        String key = data(secret, "token-secret");
        boolean signs = isToken(secret)
                && name.matches()
                && name.group(1).equals(id)
                && !key.isEmpty()
                && data(secret, "usage-bootstrap-signing").equals("true")
                && ends(secret).filter(end -> !end.isAfter(now)).isEmpty();
        return signs ? Optional.of(new BootstrapToken(id, key)) : Optional.empty();
    }

    /** When a token is over: long ago, if that cannot be read. */
    static Optional<Instant> ends(Unstructured secret) {
        String end = data(secret, "expiration");
        try {
            return end.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(end));
        } catch (DateTimeParseException e) {
            return Optional.of(Instant.EPOCH);
        }
    }

    private static String data(Unstructured secret, String key) {
        return new String(Base64.getMimeDecoder().decode(secret.string("data", key)), StandardCharsets.UTF_8);
    }

    /**
     * The signature without what it signs (RFC 7515, appendix F). Who checks one makes it again and compares the texts: the
     * header must be written as upstream writes it.
     */
    String sign(String content) {
        try {
            var header = JWSHeader.parse(Base64URL.encode("{\"alg\":\"HS256\",\"kid\":\"" + id + "\"}"));
            var signed = new JWSObject(header, new Payload(content));
            byte[] key = secret.getBytes(StandardCharsets.UTF_8);
            signed.sign(new MACSigner(Arrays.copyOf(key, Math.max(key.length, KEY))));
            return signed.serialize(true);
        } catch (JOSEException | ParseException e) {
            throw new IllegalStateException("cannot sign with token " + id, e);
        }
    }
}

package dev.coracle.controllers.externalsecrets;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * AWS's Signature Version 4 of requests without a query. A key is derived for one day, region and service:
 *
 * <pre>
 * secret ──HMAC day──► ──HMAC region──► ──HMAC service──► ──HMAC "aws4_request"──► signs the hash of the request
 * </pre>
 */
final class SignatureV4 {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final String region;
    private final String service;
    private final String accessKeyId;
    private final String secretAccessKey;
    private final String sessionToken;

    /** @param sessionToken empty for keys that last */
    SignatureV4(String region, String service, String accessKeyId, String secretAccessKey, String sessionToken) {
        this.region = region;
        this.service = service;
        this.accessKeyId = accessKeyId;
        this.secretAccessKey = secretAccessKey;
        this.sessionToken = sessionToken;
    }

    /**
     * The headers to send, with those that sign them; that of the host, which goes by itself, is not among them.
     *
     * @param path of letters, digits and {@code -._~/} only, so that nothing in it is to be escaped
     */
    Map<String, String> sign(
            String method, String host, String path, Map<String, String> headers, byte[] body, Instant now) {
        String time = TIME.format(now);
        Map<String, String> sent = new TreeMap<>(headers);
        sent.put("X-Amz-Date", time);
        if (!sessionToken.isEmpty()) {
            sent.put("X-Amz-Security-Token", sessionToken);
        }
        Map<String, String> signed = new TreeMap<>();
        sent.forEach((name, value) ->
                signed.put(name.toLowerCase(Locale.ROOT), value.strip().replaceAll(" +", " ")));
        signed.put("host", host);
        String names = String.join(";", signed.keySet());
        String lines = signed.entrySet().stream()
                .map(h -> h.getKey() + ":" + h.getValue() + "\n")
                .collect(Collectors.joining());
        String request = String.join("\n", method, path.isEmpty() ? "/" : path, "", lines, names, hex(digest(body)));

        String day = time.substring(0, 8);
        String scope = String.join("/", day, region, service, "aws4_request");
        String toSign = String.join("\n", ALGORITHM, time, scope, hex(digest(utf8(request))));
        byte[] key = hmac(utf8("AWS4" + secretAccessKey), day);
        for (String part : new String[] {region, service, "aws4_request"}) {
            key = hmac(key, part);
        }
        sent.put(
                "Authorization",
                ALGORITHM + " Credential=" + accessKeyId + "/" + scope + ", SignedHeaders=" + names + ", Signature="
                        + hex(hmac(key, toSign)));
        return sent;
    }

    private static byte[] digest(byte[] what) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(what);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] hmac(byte[] key, String what) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(utf8(what));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}

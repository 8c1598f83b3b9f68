package dev.coracle.controllers.externalsecrets;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coracle.machinery.json.Json;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A Secrets Manager of the test's own, two operations large. It works out every signature anew from what arrived, and
 * refuses as AWS does.
 */
final class LoopbackSecretsManager implements AutoCloseable {
    static final String KEY_ID = "AKIDEXAMPLE";
    static final String KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    static final String SESSION = "session-of-the-test";

    private static final class Refusal extends Exception {
        private final String type;

        Refusal(String type, String message) {
            super(message);
            this.type = type;
        }
    }

    /** By name and stage; byte arrays for those that are no text. */
    final Map<String, Object> secrets = new ConcurrentHashMap<>();

    final List<String> calls = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    /** Told instead of an answer, where it is set. */
    volatile String refusal = "";

    LoopbackSecretsManager() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    void put(String name, Object value) {
        secrets.put(name + "#AWSCURRENT", value);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            int code = 200;
            Map<String, Object> answer;
            try {
                verify(exchange, body);
                answer = answer(exchange.getRequestHeaders().getFirst("X-Amz-Target"), Json.parseObject(body));
            } catch (Refusal e) {
                code = 400;
                answer = Map.of("__type", e.type, "message", String.valueOf(e.getMessage()));
            } catch (GeneralSecurityException e) {
                throw new IOException(e);
            }
            byte[] bytes = Json.bytes(answer);
            exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
            exchange.sendResponseHeaders(code, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private Map<String, Object> answer(String target, Map<String, Object> input) throws Refusal {
        if (!refusal.isEmpty()) {
            throw new Refusal(refusal.split(":")[0], refusal.substring(refusal.indexOf(':') + 1));
        }
        switch (target) {
            case "secretsmanager.GetSecretValue" -> {
                String name = String.valueOf(input.get("SecretId"));
                Object stage = input.getOrDefault("VersionId", input.getOrDefault("VersionStage", "AWSCURRENT"));
                calls.add("GetSecretValue " + name + " " + stage);
                Object value = secrets.get(name + "#" + stage);
                if (value == null) {
                    throw new Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
                }
                return value instanceof byte[] b
                        ? Map.of(
                                "Name",
                                name,
                                "SecretBinary",
                                java.util.Base64.getEncoder().encodeToString(b))
                        : Map.of("Name", name, "SecretString", value);
            }
            case "secretsmanager.ListSecrets" -> {
                calls.add("ListSecrets " + input);
                List<String> names = secrets.keySet().stream()
                        .map(k -> k.substring(0, k.indexOf('#')))
                        .distinct()
                        .sorted()
                        .toList();
                // One on a page.
                int at = Integer.parseInt(String.valueOf(input.getOrDefault("NextToken", "0")));
                Map<String, Object> page = new LinkedHashMap<>();
                page.put("SecretList", List.of(Map.of("Name", names.get(at))));
                if (at + 1 < names.size()) {
                    page.put("NextToken", String.valueOf(at + 1));
                }
                return page;
            }
            default -> throw new Refusal("UnknownOperationException", "");
        }
    }

    private static void verify(HttpExchange exchange, byte[] body) throws Refusal, GeneralSecurityException {
        Headers headers = exchange.getRequestHeaders();
        String authorization = String.valueOf(headers.getFirst("Authorization"));
        String credential = between(authorization, "Credential=", ",");
        String[] parts = credential.split("/");
        if (parts.length != 5 || !parts[0].equals(KEY_ID)) {
            throw new Refusal("UnrecognizedClientException", "The security token included in the request is invalid.");
        }
        if (!parts[3].equals("secretsmanager") || !parts[4].equals("aws4_request")) {
            throw new Refusal("InvalidSignatureException", "Credential should be scoped to correct service");
        }
        String names = between(authorization, "SignedHeaders=", ",");
        List<String> lines = new ArrayList<>(
                List.of(exchange.getRequestMethod(), exchange.getRequestURI().getRawPath(), ""));
        for (String name : names.split(";")) {
            lines.add(name + ":" + String.join(",", headers.get(name)).strip());
        }
        lines.add("");
        lines.add(names);
        lines.add(sha256(body));
        String time = headers.getFirst("X-Amz-Date");
        String scope = credential.substring(credential.indexOf('/') + 1);
        String toSign = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n"
                + sha256(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
        byte[] key = ("AWS4" + KEY).getBytes(StandardCharsets.UTF_8);
        for (String part : scope.split("/")) {
            key = hmac(key, part);
        }
        boolean signed = HexFormat.of().formatHex(hmac(key, toSign)).equals(between(authorization, "Signature=", ","));
        boolean whole = List.of(names.split(";")).containsAll(List.of("host", "x-amz-date"));
        String session = headers.getFirst("X-Amz-Security-Token");
        if (!signed || !whole || session != null && !session.equals(SESSION)) {
            // As AWS does, which shows what it signed.
            throw new Refusal(
                    "InvalidSignatureException",
                    "The request signature we calculated does not match the signature you provided.\n\n"
                            + String.join("\n", lines));
        }
    }

    private static String between(String text, String before, String after) {
        int start = text.indexOf(before) + before.length();
        int end = text.indexOf(after, start);
        return text.substring(start, end < 0 ? text.length() : end);
    }

    private static String sha256(byte[] what) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(what));
    }

    private static byte[] hmac(byte[] key, String what) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(what.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

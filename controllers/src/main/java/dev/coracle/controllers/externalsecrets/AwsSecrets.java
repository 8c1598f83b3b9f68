package dev.coracle.controllers.externalsecrets;

import com.google.re2j.Pattern;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.json.Json;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** AWS Secrets Manager: JSON 1.1 over POST, signed. */
final class AwsSecrets implements Provider {
    private static final byte[] NOTHING = {};
    /** How many secrets one search may bring, and how many pages it may turn. */
    private static final int MOST = 500;

    private final Outbound outbound;
    private final URI endpoint;
    private final SignatureV4 signature;
    private final List<String> credentials;
    private final Clock clock;
    private final Map<Object, byte[]> fetched = new HashMap<>();

    /** @param credentials what no message may have in it */
    AwsSecrets(Outbound outbound, URI endpoint, SignatureV4 signature, List<String> credentials, Clock clock) {
        this.outbound = outbound;
        this.endpoint = endpoint;
        this.signature = signature;
        this.credentials = credentials;
        this.clock = clock;
    }

    /** @param override another endpoint for every region; empty for AWS's */
    static URI endpoint(String region, String override) throws ProviderException {
        if (!region.matches("[a-z]{2,}(-[a-z]+)+-[0-9]+")) {
            throw ProviderException.configuration("region not found: " + region);
        }
        if (override.isEmpty()) {
            return URI.create("https://secretsmanager." + region + ".amazonaws.com"
                    + (region.startsWith("cn-") ? ".cn" : "") + "/");
        }
        try {
            URI uri = new URI(override);
            boolean plain = uri.getRawQuery() == null && uri.getRawFragment() == null && uri.getRawUserInfo() == null;
            if (uri.getHost() != null
                    && plain
                    && List.of("http", "https").contains(uri.getScheme())
                    && uri.getRawPath().matches("[A-Za-z0-9._~/-]*")) {
                return uri.getRawPath().isEmpty() ? uri.resolve("/") : uri;
            }
        } catch (java.net.URISyntaxException e) {
            // Said below.
        }
        throw ProviderException.configuration("AWS_SECRETSMANAGER_ENDPOINT is no address of a server");
    }

    @Override
    public byte[] get(Ref ref) throws ProviderException {
        byte[] value = fetch(ref);
        if (ref.property().isEmpty()) {
            return value;
        }
        Document.Found found = null;
        try {
            found = Document.at(parsed(value), ref.property());
        } catch (IllegalArgumentException e) {
            throw ProviderException.configuration(String.valueOf(e.getMessage()));
        }
        if (found == null) {
            throw ProviderException.refused("key " + ref.property() + " does not exist in secret " + ref.key());
        }
        return Document.bytes(found.value());
    }

    private static @Nullable Object parsed(byte[] value) {
        try {
            return Document.parse(value);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    @Override
    public Map<String, byte[]> extract(Ref ref) throws ProviderException {
        Map<String, @Nullable Object> object;
        try {
            object = Document.object(get(ref));
        } catch (IllegalArgumentException e) {
            throw ProviderException.refused("unable to unmarshal secret " + ref.key() + ": it is no JSON object");
        }
        Map<String, byte[]> all = new TreeMap<>();
        object.forEach((k, v) -> all.put(k, Document.bytes(v)));
        return all;
    }

    @Override
    public Map<String, byte[]> find(String path, String regexp) throws ProviderException {
        Pattern pattern = Matching.of(regexp);
        Map<String, byte[]> all = new TreeMap<>();
        String next = "";
        int pages = 0;
        do {
            Map<String, Object> body = new LinkedHashMap<>();
            if (!path.isEmpty()) {
                body.put("Filters", List.of(Map.of("Key", "name", "Values", List.of(path))));
            }
            if (!next.isEmpty()) {
                body.put("NextToken", next);
            }
            Map<String, @Nullable Object> page = call("ListSecrets", body);
            for (Object o : page.get("SecretList") instanceof List<?> l ? l : List.of()) {
                if (o instanceof Map<?, ?> m
                        && m.get("Name") instanceof String name
                        && pattern.matcher(name).find()) {
                    all.put(name, fetch(new Ref(name, "", "")));
                }
            }
            next = page.get("NextToken") instanceof String s ? s : "";
            pages++;
            if (all.size() > MOST || pages > MOST) {
                throw ProviderException.refused("more than " + MOST + " secrets, or pages of them");
            }
        } while (!next.isEmpty());
        return all;
    }

    /** Keys that are known are all that can be said without asking for a secret. */
    @Override
    public void validate() {}

    private byte[] fetch(Ref ref) throws ProviderException {
        Object known = List.of(ref.key(), ref.version());
        byte[] before = fetched.get(known);
        if (before != null) {
            return before;
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("SecretId", ref.key());
        if (ref.version().startsWith("uuid/")) {
            body.put("VersionId", ref.version().substring("uuid/".length()));
        } else {
            body.put("VersionStage", ref.version().isEmpty() ? "AWSCURRENT" : ref.version());
        }
        Map<String, @Nullable Object> answer = call("GetSecretValue", body);
        byte[] value;
        if (answer.get("SecretString") instanceof String s) {
            value = s.getBytes(StandardCharsets.UTF_8);
        } else if (answer.get("SecretBinary") instanceof String s) {
            try {
                value = Base64.getDecoder().decode(s);
            } catch (IllegalArgumentException e) {
                throw ProviderException.unreachable("invalid secret received for key: " + ref.key());
            }
        } else {
            throw ProviderException.unreachable(
                    "invalid secret received. no secret string nor binary for key: " + ref.key());
        }
        fetched.put(known, value);
        return value;
    }

    private Map<String, @Nullable Object> call(String operation, Map<String, Object> input) throws ProviderException {
        byte[] body = Json.bytes(input);
        String host = endpoint.getHost() + (endpoint.getPort() < 0 ? "" : ":" + endpoint.getPort());
        Map<String, String> headers = signature.sign(
                "POST",
                host,
                endpoint.getRawPath(),
                Map.of("Content-Type", "application/x-amz-json-1.1", "X-Amz-Target", "secretsmanager." + operation),
                body,
                clock.now());
        Outbound.Answer answer = outbound.send(new Outbound.Request("POST", endpoint, headers, body, ""));
        Map<String, @Nullable Object> fields = Map.of();
        try {
            fields = Document.object(answer.body().length == 0 ? NOTHING : answer.body());
        } catch (IllegalArgumentException e) {
            if (answer.code() == 200) {
                throw ProviderException.unreachable(
                        "operation error Secrets Manager: " + operation + ", deserialization failed");
            }
        }
        if (answer.code() != 200) {
            throw refusal(operation, answer.code(), fields);
        }
        return fields;
    }

    private ProviderException refusal(String operation, int code, Map<String, @Nullable Object> fields) {
        String type = Document.text(fields.get("__type"));
        type = type.substring(type.lastIndexOf('#') + 1);
        type = type.contains(":") ? type.substring(0, type.indexOf(':')) : type;
        String message = Document.text(fields.containsKey("message") ? fields.get("message") : fields.get("Message"));
        boolean deleted = type.equals("InvalidRequestException") && message.contains("marked for deletion");
        if (type.equals("ResourceNotFoundException") || deleted) {
            return ProviderException.missing();
        }
        String text = "operation error Secrets Manager: " + operation + ", https response error StatusCode: " + code
                + ", api error " + Telling.safe(type.isEmpty() ? "UnknownError" : type, credentials) + ": "
                + Telling.safe(message, credentials);
        return code >= 500 || type.equals("ThrottlingException")
                ? ProviderException.unreachable(text)
                : ProviderException.refused(text);
    }
}

package dev.coracle.controllers.externalsecrets;

import com.google.re2j.Pattern;
import dev.coracle.machinery.json.Json;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** HashiCorp Vault's KV engine, version 2: {@code GET /v1/<mount>/data/<path>}. */
final class Vault implements Provider {
    private static final byte[] NOTHING = {};
    /** How many names one search may look at, how many secrets it may bring, and how deep it goes. */
    private static final int NAMES = 5000;

    private static final int MOST = 500;
    private static final int DEEPEST = 20;

    /**
     * @param path of the mount; empty where keys begin with it
     * @param namespace of the secrets, and for the login where that is elsewhere; empty for none
     */
    record Server(URI address, String path, String namespace, String loginNamespace, String authorities) {
        static URI address(String text) throws ProviderException {
            try {
                URI uri = new URI(text);
                boolean plain =
                        uri.getRawQuery() == null && uri.getRawFragment() == null && uri.getRawUserInfo() == null;
                if (uri.getHost() != null && plain && List.of("http", "https").contains(uri.getScheme())) {
                    return uri;
                }
            } catch (URISyntaxException e) {
                // Said below, without the text, in which there may be a password.
            }
            throw ProviderException.configuration("spec.provider.vault.server is no address of a server");
        }
    }

    /** Who asks. */
    sealed interface Login {
        record Token(String token) implements Login {
            @Override
            public String toString() {
                return "token";
            }
        }

        /** @param mount of the auth method; {@code jwt} is a service account's token */
        record Kubernetes(String mount, String role, String jwt) implements Login {
            @Override
            public String toString() {
                return "kubernetes";
            }
        }
    }

    private final Outbound outbound;
    private final Server server;
    private final Login login;
    private final Map<String, Map<String, @Nullable Object>> fetched = new HashMap<>();
    /** Got by a login, and given back. */
    private String borrowed = "";

    Vault(Outbound outbound, Server server, Login login) {
        this.outbound = outbound;
        this.server = server;
        this.login = login;
    }

    @Override
    public byte[] get(Ref ref) throws ProviderException {
        Map<String, @Nullable Object> data = fetch(ref);
        if (ref.property().isEmpty()) {
            return Document.bytes(Document.sorted(data));
        }
        Document.Found found;
        try {
            found = Document.at(data, ref.property());
        } catch (IllegalArgumentException e) {
            throw ProviderException.configuration(String.valueOf(e.getMessage()));
        }
        if (found == null) {
            throw ProviderException.refused("cannot find secret data for key: \"" + ref.property() + "\"");
        }
        return Document.bytes(Document.sorted(found.value()));
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
        if (server.path().isEmpty()) {
            throw ProviderException.configuration("provided Path isn't a valid kv v2 path");
        }
        Pattern pattern = Matching.of(regexp);
        List<String> names = new ArrayList<>();
        list(path.isEmpty() ? "" : path + "/", 0, names);
        Map<String, byte[]> all = new TreeMap<>();
        for (String name : names) {
            if (pattern.matcher(name).find()) {
                try {
                    all.put(name, get(new Ref(name, "", "")));
                } catch (ProviderException e) {
                    if (!e.isMissing()) {
                        throw e;
                    }
                }
                if (all.size() > MOST) {
                    throw ProviderException.refused("more than " + MOST + " secrets match");
                }
            }
        }
        return all;
    }

    private void list(String below, int depth, List<String> names) throws ProviderException {
        Map<String, @Nullable Object> data = read(server.path() + "/metadata/" + below, "?list=true");
        for (Object o : data.get("keys") instanceof List<?> l ? l : List.of()) {
            String name = below + o;
            if (names.size() >= NAMES || depth > DEEPEST) {
                throw ProviderException.refused("more than " + NAMES + " names, or " + DEEPEST + " folders deep");
            }
            if (name.endsWith("/")) {
                list(name, depth + 1, names);
            } else {
                names.add(name);
            }
        }
    }

    @Override
    public void validate() throws ProviderException {
        try {
            Outbound.Answer answer =
                    ask("GET", "auth/token/lookup-self", "", NOTHING, token(), server.loginNamespace());
            if (answer.code() != 200) {
                throw refusal("GET", uri("auth/token/lookup-self", ""), answer);
            }
        } catch (ProviderException e) {
            throw e.at("invalid vault credentials: ");
        }
    }

    private Map<String, @Nullable Object> fetch(Ref ref) throws ProviderException {
        if (!ref.version().matches("[0-9]{0,18}")) {
            throw ProviderException.configuration("version \"" + ref.version() + "\" is not a number");
        }
        String path = dataPath(ref.key());
        String query = ref.version().isEmpty() ? "" : "?version=" + ref.version();
        Map<String, @Nullable Object> known = fetched.get(path + query);
        if (known != null) {
            return known;
        }
        Map<String, @Nullable Object> answer = read(path, query);
        if (!answer.containsKey("data")) {
            throw ProviderException.refused("failed to find data field");
        }
        if (answer.get("data") == null) {
            throw ProviderException.missing();
        }
        Map<String, @Nullable Object> data = Document.map(answer.get("data"));
        if (data == null) {
            throw ProviderException.refused("failed to unmarshall JSON");
        }
        fetched.put(path + query, data);
        return data;
    }

    /** Where a key lies: {@code secret} and {@code db}, {@code secret/db} or {@code secret/data/db} are the same. */
    private String dataPath(String key) {
        if (server.path().isEmpty()) {
            int first = key.indexOf('/');
            return key.contains("/data/") || first < 0 ? key : key.substring(0, first) + "/data" + key.substring(first);
        }
        String within = key;
        if (within.startsWith(server.path() + "/")) {
            within = within.substring(server.path().length() + 1);
            within = within.startsWith("data/") ? within.substring("data/".length()) : within;
        }
        return server.path() + "/data/" + within;
    }

    /** The answer's {@code data}; a version that was deleted is told with one, too. */
    private Map<String, @Nullable Object> read(String path, String query) throws ProviderException {
        Outbound.Answer answer;
        try {
            answer = ask("GET", path, query, NOTHING, token(), server.namespace());
        } catch (ProviderException e) {
            throw e.at("cannot read secret data from Vault: ");
        }
        if (answer.code() != 200 && answer.code() != 404) {
            throw refusal("GET", uri(path, query), answer).at("cannot read secret data from Vault: ");
        }
        Map<String, @Nullable Object> data = null;
        try {
            data = Document.map(Document.object(answer.body()).get("data"));
        } catch (IllegalArgumentException e) {
            if (answer.code() == 200) {
                throw ProviderException.unreachable("cannot read secret data from Vault: the answer is no JSON object");
            }
        }
        if (data == null) {
            throw ProviderException.missing();
        }
        return data;
    }

    private String token() throws ProviderException {
        switch (login) {
            case Login.Token t -> {
                return t.token();
            }
            case Login.Kubernetes k -> {
                if (borrowed.isEmpty()) {
                    String path = "auth/" + k.mount() + "/login";
                    byte[] body = Json.bytes(Map.of("role", k.role(), "jwt", k.jwt()));
                    Outbound.Answer answer = ask("PUT", path, "", body, "", server.loginNamespace());
                    if (answer.code() != 200) {
                        throw refusal("PUT", uri(path, ""), answer).at("unable to log in with Kubernetes auth: ");
                    }
                    borrowed = clientToken(answer.body());
                }
                return borrowed;
            }
        }
    }

    private static String clientToken(byte[] answer) throws ProviderException {
        try {
            Map<String, @Nullable Object> auth =
                    Document.map(Document.object(answer).get("auth"));
            if (auth != null && auth.get("client_token") instanceof String token && !token.isEmpty()) {
                return token;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw ProviderException.unreachable("unable to log in with Kubernetes auth: there is no token in the answer");
    }

    private Outbound.Answer ask(String method, String path, String query, byte[] body, String token, String namespace)
            throws ProviderException {
        if (!token.matches("[!-~]*")) {
            throw ProviderException.configuration("the token has characters that no token has");
        }
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("X-Vault-Request", "true");
        if (!token.isEmpty()) {
            headers.put("X-Vault-Token", token);
        }
        if (!namespace.isEmpty()) {
            headers.put("X-Vault-Namespace", namespace);
        }
        if (body.length > 0) {
            headers.put("Content-Type", "application/json");
        }
        return outbound.send(new Outbound.Request(method, uri(path, query), headers, body, server.authorities()));
    }

    private URI uri(String path, String query) throws ProviderException {
        StringBuilder out = new StringBuilder();
        String address = server.address().toString();
        out.append(address.endsWith("/") ? address.substring(0, address.length() - 1) : address)
                .append("/v1");
        for (String segment : path.split("/")) {
            if (segment.equals(".") || segment.equals("..")) {
                throw ProviderException.configuration("\"" + path + "\" is no path of a secret");
            }
            if (!segment.isEmpty()) {
                out.append('/')
                        .append(URLEncoder.encode(segment, StandardCharsets.UTF_8)
                                .replace("+", "%20"));
            }
        }
        try {
            return new URI(out + query);
        } catch (URISyntaxException e) {
            throw ProviderException.configuration("\"" + path + "\" is no path of a secret");
        }
    }

    private ProviderException refusal(String method, URI uri, Outbound.Answer answer) {
        List<String> credentials = switch (login) {
            case Login.Token t -> List.of(t.token());
            case Login.Kubernetes k -> List.of(k.jwt(), borrowed);
        };
        StringBuilder text = new StringBuilder("Error making API request.\n\nURL: ")
                .append(method)
                .append(' ')
                .append(uri)
                .append("\nCode: ")
                .append(answer.code())
                .append(". Errors:\n");
        try {
            if (Document.object(answer.body()).get("errors") instanceof List<?> errors) {
                errors.stream()
                        .limit(5)
                        .forEach(e -> text.append("\n* ").append(Telling.safe(Document.text(e), credentials)));
            }
        } catch (IllegalArgumentException e) {
            // It says nothing, then.
        }
        return answer.code() >= 500 || answer.code() == 429
                ? ProviderException.unreachable(text.toString())
                : ProviderException.refused(text.toString());
    }

    /** Gives back what a login borrowed; where that fails it ends by itself. */
    @Override
    public void close() {
        if (!borrowed.isEmpty()) {
            try {
                ask("PUT", "auth/token/revoke-self", "", NOTHING, borrowed, server.loginNamespace());
            } catch (ProviderException e) {
                // As said.
            }
            borrowed = "";
        }
    }
}

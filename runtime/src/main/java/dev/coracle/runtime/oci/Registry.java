package dev.coracle.runtime.oci;

import dev.coracle.machinery.json.Json;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.ImageService.Credential;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Fetches images over the OCI distribution protocol. Messages are worded as containerd's, since users search them. */
final class Registry implements AutoCloseable {
    private static final String ACCEPT = String.join(
            ", ",
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.v2+json");

    private @Nullable HttpClient client;

    private synchronized HttpClient client() {
        if (client == null) {
            client = HttpClient.newBuilder()
                    .connectTimeout(Duration.ofSeconds(5))
                    .followRedirects(HttpClient.Redirect.NORMAL)
                    .build();
        }
        return client;
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.shutdownNow();
            client = null;
        }
    }

    /** Finds the manifest that a reference means for this machine. */
    Pull resolve(Reference reference, List<Credential> credentials) {
        Session session = new Session(reference, credentials);
        String url = "/manifests/" + reference.version();
        byte[] body;
        try {
            body = session.get(url, ACCEPT).readAllBytes();
            String digest = Digests.of(body);
            Map<String, Object> document = Json.parseObject(body);
            if (document.containsKey("manifests")) {
                Map<String, Object> ours = Trees.list(document.get("manifests")).stream()
                        .map(Trees::map)
                        .filter(Platform::matches)
                        .findFirst()
                        .orElseThrow(
                                () -> new IOException("no match for platform in manifest " + digest + ": not found"));
                document = Json.parseObject(session.get("/manifests/" + Trees.string(ours, "digest"), ACCEPT)
                        .readAllBytes());
            }
            return new Pull(session, reference, digest, document);
        } catch (IOException | IllegalArgumentException e) {
            String message = "failed to pull and unpack image \"" + reference + "\": failed to resolve reference \""
                    + reference + "\": " + e.getMessage();
            CriException.Code code = switch (e) {
                case Refused r when r.status == 404 -> CriException.Code.NOT_FOUND;
                case Unreachable u -> CriException.Code.REGISTRY_UNAVAILABLE;
                default -> CriException.Code.UNKNOWN;
            };
            throw new CriException(code, message);
        }
    }

    /** The registry answered, but not with what was asked for. */
    private static final class Refused extends IOException {
        private final int status;

        Refused(String message, int status) {
            super(message);
            this.status = status;
        }
    }

    /** Nobody answered. */
    private static final class Unreachable extends IOException {
        Unreachable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** A resolved image; blobs are fetched when asked for. */
    static final class Pull implements ImageSource, AutoCloseable {
        private final Session session;
        private final Reference reference;
        private final String digest;
        private final Map<String, Object> manifest;

        private Pull(Session session, Reference reference, String digest, Map<String, Object> manifest) {
            this.session = session;
            this.reference = reference;
            this.digest = digest;
            this.manifest = manifest;
        }

        @Override
        public byte[] config() throws IOException {
            String wanted = Trees.string(Trees.map(manifest.get("config")), "digest");
            byte[] json = session.get("/blobs/" + wanted, "*/*").readAllBytes();
            if (!Digests.of(json).equals(wanted)) {
                throw new IOException("config: digest is " + Digests.of(json) + ", expected " + wanted);
            }
            return json;
        }

        @Override
        public int layers() {
            return Trees.list(manifest.get("layers")).size();
        }

        @Override
        public InputStream layer(int index) throws IOException {
            Map<String, Object> layer =
                    Trees.map(Trees.list(manifest.get("layers")).get(index));
            return session.get("/blobs/" + Trees.string(layer, "digest"), "*/*");
        }

        @Override
        public List<String> tags() {
            return reference.tag() == null ? List.of() : List.of(reference.name() + ":" + reference.tag());
        }

        @Override
        public List<String> digests() {
            return List.of(reference.name() + "@" + digest);
        }

        @Override
        public void close() {}
    }

    /** Requests to one repository, with the token once there is one. */
    private final class Session {
        private final String base;
        private final Optional<Credential> credential;
        private String authorization = "";

        Session(Reference reference, List<Credential> credentials) {
            String host = reference.registry().equals("docker.io") ? "registry-1.docker.io" : reference.registry();
            this.base = (isLoopback(host) ? "http://" : "https://") + host + "/v2/" + reference.repository();
            this.credential = credentials.stream()
                    .filter(c -> matches(c.registry(), reference.registry()))
                    .findFirst();
        }

        InputStream get(String path, String accept) throws IOException {
            HttpResponse<InputStream> response = send(base + path, accept, authorization);
            if (response.statusCode() == 401 && authorization.isEmpty()) {
                response.body().close();
                authorization = authorize(
                        response.headers().firstValue("www-authenticate").orElse(""));
                response = send(base + path, accept, authorization);
            }
            if (response.statusCode() == 200) {
                return response.body();
            }
            response.body().close();
            throw switch (response.statusCode()) {
                case 404 -> new Refused(path.startsWith("/manifests/") ? notFound(path) : "not found", 404);
                case 401, 403 ->
                    new Refused(
                            "pull access denied, repository does not exist or may require authorization: "
                                    + "authorization failed: no basic auth credentials",
                            response.statusCode());
                default ->
                    new Refused(
                            "unexpected status from GET request to " + base + path + ": " + response.statusCode(),
                            response.statusCode());
            };
        }

        private String notFound(String path) {
            String repository = base.substring(base.indexOf("://") + 3).replace("/v2/", "/");
            String version = path.substring("/manifests/".length());
            return repository.replace("registry-1.docker.io", "docker.io") + (version.startsWith("sha256:") ? "@" : ":")
                    + version + ": not found";
        }

        private HttpResponse<InputStream> send(String url, String accept, String authorization) throws IOException {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                    .timeout(Duration.ofSeconds(30))
                    .header("Accept", accept);
            if (!authorization.isEmpty()) {
                request.header("Authorization", authorization);
            }
            try {
                return client().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            } catch (IOException e) {
                throw new Unreachable("failed to do request: Head \"" + url + "\": " + dialError(url, e), e);
            }
        }

        private String authorize(String challenge) throws IOException {
            String basic = credential
                    .map(c -> "Basic "
                            + Base64.getEncoder()
                                    .encodeToString(
                                            (c.username() + ":" + c.password()).getBytes(StandardCharsets.UTF_8)))
                    .orElse("");
            if (!challenge.regionMatches(true, 0, "Bearer ", 0, 7)) {
                return basic;
            }
            String realm = parameter(challenge, "realm");
            String query = "?service=" + encode(parameter(challenge, "service")) + "&scope="
                    + encode(parameter(challenge, "scope"));
            HttpResponse<InputStream> response = send(realm + query, "application/json", basic);
            try (InputStream body = response.body()) {
                if (response.statusCode() != 200) {
                    throw new Refused(
                            "failed to authorize: failed to fetch anonymous token: unexpected status from GET request "
                                    + "to " + realm + ": " + response.statusCode(),
                            response.statusCode());
                }
                Map<String, Object> token = Json.parseObject(body.readAllBytes());
                String value = Trees.string(token, "token");
                return "Bearer " + (value.isEmpty() ? Trees.string(token, "access_token") : value);
            }
        }
    }

    private static String encode(String s) {
        return java.net.URLEncoder.encode(s, StandardCharsets.UTF_8);
    }

    private static String parameter(String challenge, String name) {
        Matcher m = Pattern.compile(name + "=\"([^\"]*)\"").matcher(challenge);
        return m.find() ? m.group(1) : "";
    }

    private static boolean matches(String credentialRegistry, String registry) {
        String c = credentialRegistry.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
        return c.isEmpty()
                || c.equals(registry)
                || (registry.equals("docker.io") && (c.equals("index.docker.io") || c.equals("registry-1.docker.io")));
    }

    /** Plain HTTP is spoken to registries on this machine only, as Docker and containerd do. */
    private static boolean isLoopback(String host) {
        String name = host.replaceFirst(":[0-9]+$", "");
        return name.equals("localhost") || name.startsWith("127.");
    }

    /** The reason in the words of Go's net package. */
    private static String dialError(String url, IOException e) {
        URI uri = URI.create(url);
        String host = uri.getHost();
        int port = uri.getPort() > 0 ? uri.getPort() : uri.getScheme().equals("https") ? 443 : 80;
        try {
            InetAddress address = InetAddress.getByName(host);
            String to = "dial tcp " + address.getHostAddress() + ":" + port;
            return switch (e) {
                case java.net.http.HttpConnectTimeoutException t -> to + ": i/o timeout";
                case java.net.ConnectException c -> to + ": connect: connection refused";
                default -> to + ": " + e.getMessage();
            };
        } catch (java.net.UnknownHostException unknown) {
            return "dial tcp: lookup " + host + ": no such host";
        }
    }
}

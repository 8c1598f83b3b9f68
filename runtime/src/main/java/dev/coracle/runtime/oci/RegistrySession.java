package dev.coracle.runtime.oci;

import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.json.Json;
import dev.coracle.runtime.ImageService.Credential;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
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

/**
 * Requests to one repository, with a token once there is one; one that has expired is renewed.
 *
 * <p>A password goes to the registry itself and to a realm {@link RegistryHosts#mayKnow of the same owner}, a token to
 * the registry only, and both over TLS unless the registry is on this machine. Where a redirect leads to another host
 * (blobs often lie with a storage service) neither goes along.
 */
final class RegistrySession {
    private static final int MOST_REDIRECTS = 5;
    private static final int LARGEST_TOKEN = 1 << 20;

    private final HttpClient client;
    private final Timers timers;
    private final String host;
    private final String base;
    private final Optional<Credential> credential;
    private String authorization = "";

    RegistrySession(HttpClient client, Timers timers, Reference reference, List<Credential> credentials) {
        this.client = client;
        this.timers = timers;
        this.host = reference.registry().equals("docker.io") ? "registry-1.docker.io" : reference.registry();
        this.base = (RegistryHosts.isLoopback(host) ? "http://" : "https://") + host + "/v2/" + reference.repository();
        this.credential = credentials.stream()
                .filter(c -> matches(c.registry(), reference.registry()))
                .findFirst();
    }

    /** The registry answered, but not with what was asked for. */
    static final class Refused extends IOException {
        private final int status;

        Refused(String message, int status) {
            super(message);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    /** Nobody answered. */
    static final class Unreachable extends IOException {
        Unreachable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** @return the body, to be closed */
    InputStream get(String path, String accept) throws IOException {
        HttpResponse<InputStream> response = send(base + path, accept, authorization);
        if (response.statusCode() == 401) {
            response.body().close();
            authorization =
                    authorize(response.headers().firstValue("www-authenticate").orElse(""));
            response = send(base + path, accept, authorization);
        }
        if (response.statusCode() == 200) {
            return new WatchedStream(response.body(), timers);
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
        URI at = URI.create(url);
        String secret = authorization;
        for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
            HttpResponse<InputStream> response = sendOnce(at, accept, secret);
            Optional<String> location = response.headers().firstValue("location");
            boolean redirects = switch (response.statusCode()) {
                case 301, 302, 303, 307, 308 -> location.isPresent();
                default -> false;
            };
            if (!redirects) {
                return response;
            }
            response.body().close();
            URI next = at.resolve(location.orElseThrow());
            if (!RegistryHosts.isPrivate(next, host)) {
                throw new Refused("redirect to " + next + " is not followed: it is not https", response.statusCode());
            }
            secret = sameOrigin(at, next) ? secret : "";
            at = next;
        }
        throw new Refused("stopped after " + MOST_REDIRECTS + " redirects", 310);
    }

    private static boolean sameOrigin(URI a, URI b) {
        return a.getScheme().equals(b.getScheme()) && a.getAuthority().equals(b.getAuthority());
    }

    private HttpResponse<InputStream> sendOnce(URI url, String accept, String authorization) throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(30)).header("Accept", accept);
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
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
                                .encodeToString((c.username() + ":" + c.password()).getBytes(StandardCharsets.UTF_8)))
                .orElse("");
        if (!challenge.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return basic;
        }
        String realm = parameter(challenge, "realm");
        URI at = URI.create(realm + (realm.contains("?") ? "&" : "?") + "service="
                + encode(parameter(challenge, "service")) + "&scope=" + encode(parameter(challenge, "scope")));
        if (!RegistryHosts.isPrivate(at, host)) {
            throw new Refused("failed to authorize: realm \"" + realm + "\" is not https", 401);
        }
        boolean told = RegistryHosts.mayKnow(at.getHost(), host);
        HttpResponse<InputStream> response = send(at.toString(), "application/json", told ? basic : "");
        try (InputStream body = new WatchedStream(response.body(), timers)) {
            if (response.statusCode() != 200) {
                throw new Refused(
                        "failed to authorize: failed to fetch " + (told && !basic.isEmpty() ? "oauth" : "anonymous")
                                + " token: unexpected status from GET request to " + realm + ": "
                                + response.statusCode(),
                        response.statusCode());
            }
            Map<String, Object> token = Json.parseObject(body.readNBytes(LARGEST_TOKEN));
            String value = Trees.string(token, "token");
            return "Bearer " + (value.isEmpty() ? Trees.string(token, "access_token") : value);
        }
    }

    private static String encode(String s) {
        return URLEncoder.encode(s, StandardCharsets.UTF_8);
    }

    private static String parameter(String challenge, String name) {
        Matcher m = Pattern.compile("[ ,]" + name + "=\"([^\"]*)\"").matcher(challenge);
        return m.find() ? m.group(1) : "";
    }

    private static boolean matches(String credentialRegistry, String registry) {
        String c = credentialRegistry.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
        return c.equals(registry)
                || (registry.equals("docker.io") && (c.equals("index.docker.io") || c.equals("registry-1.docker.io")));
    }

    /** The reason in the words of Go's net package. */
    private static String dialError(URI uri, IOException e) {
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

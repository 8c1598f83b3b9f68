package dev.coracle.runtime.oci;

import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.json.Json;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.ImageService.Credential;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fetches images over the OCI distribution protocol. Messages are worded as containerd's, since users search them.
 *
 * <p>A registry is a stranger: what it sends counts only if it amounts to the digest that was asked for, documents are
 * read up to a bound, and a body that stalls is given up. {@link RegistrySession} says who is told a password.
 */
final class Registry implements AutoCloseable {
    /** What the distribution specification has every registry take, so more is no manifest. */
    private static final int LARGEST_MANIFEST = 4 << 20;

    private static final int LARGEST_CONFIG = 8 << 20;

    private static final String ACCEPT = String.join(
            ", ",
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.v2+json");

    private final Timers timers;
    private @Nullable HttpClient client;

    Registry(Timers timers) {
        this.timers = timers;
    }

    private synchronized HttpClient client() {
        if (client == null) {
            // Redirects are followed by the session, which knows what the next host may be told.
            client = HttpClient.newBuilder()
                    .connectTimeout(Duration.ofSeconds(5))
                    .followRedirects(HttpClient.Redirect.NEVER)
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
        RegistrySession session = new RegistrySession(client(), timers, reference, credentials);
        try {
            byte[] body = manifest(session, reference.version(), reference.digest());
            String digest = Digests.of(body);
            Map<String, Object> document = Json.parseObject(body);
            if (document.containsKey("manifests")) {
                Map<String, Object> ours = Trees.list(document.get("manifests")).stream()
                        .map(Trees::map)
                        .filter(Platform::matches)
                        .findFirst()
                        .orElseThrow(
                                () -> new IOException("no match for platform in manifest " + digest + ": not found"));
                String wanted = Digests.valid(Trees.string(ours, "digest"));
                document = Json.parseObject(manifest(session, wanted, wanted));
            }
            return new Pull(session, reference, digest, document);
        } catch (IOException | IllegalArgumentException e) {
            String message = "failed to pull and unpack image \"" + reference + "\": failed to resolve reference \""
                    + reference + "\": " + e.getMessage();
            CriException.Code code = switch (e) {
                case RegistrySession.Refused r when r.status() == 404 -> CriException.Code.NOT_FOUND;
                case RegistrySession.Unreachable u -> CriException.Code.REGISTRY_UNAVAILABLE;
                default -> CriException.Code.UNKNOWN;
            };
            throw new CriException(code, message);
        }
    }

    private static byte[] manifest(RegistrySession session, String version, @Nullable String digest)
            throws IOException {
        byte[] body = bounded(session.get("/manifests/" + version, ACCEPT), LARGEST_MANIFEST, "manifest");
        if (digest != null) {
            Digests.check(body, digest);
        }
        return body;
    }

    private static byte[] bounded(InputStream body, int most, String what) throws IOException {
        try (body) {
            byte[] bytes = body.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new IOException(what + " is larger than " + most + " bytes");
            }
            return bytes;
        }
    }

    /** A resolved image; blobs are fetched when asked for. */
    static final class Pull implements ImageSource, AutoCloseable {
        private final RegistrySession session;
        private final Reference reference;
        private final String digest;
        private final Map<String, Object> manifest;

        private Pull(RegistrySession session, Reference reference, String digest, Map<String, Object> manifest) {
            this.session = session;
            this.reference = reference;
            this.digest = digest;
            this.manifest = manifest;
        }

        @Override
        public byte[] config() throws IOException {
            String wanted = Digests.valid(Trees.string(Trees.map(manifest.get("config")), "digest"));
            byte[] json = bounded(session.get("/blobs/" + wanted, "*/*"), LARGEST_CONFIG, "config");
            Digests.check(json, wanted);
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
            String wanted = Digests.valid(Trees.string(layer, "digest"));
            return new BlobStream(session.get("/blobs/" + wanted, "*/*"), wanted, Trees.number(layer, "size"));
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
}

package dev.coracle.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.os.Mounts;
import dev.coracle.machinery.os.Processes;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.ImageService.Credential;
import dev.coracle.runtime.oci.build.BusyboxImage;
import dev.coracle.runtime.oci.build.ImageBuilder;
import dev.coracle.runtime.oci.build.Layer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OciImageStoreTest {
    @TempDir
    Path dir;

    private final SystemEnvironment environment = new SystemEnvironment((name, e) -> e.printStackTrace());
    private OciImageStore store;

    @BeforeEach
    void open() {
        assumeTrue(Processes.uid() == 0, "unpacking layers needs root");
        store = new OciImageStore(dir.resolve("images"), environment.environment());
    }

    @AfterEach
    void close() {
        if (store != null) {
            store.close();
            assertThat(Mounts.under(dir)).isEmpty();
            assertThat(dir.resolve("images/unfinished")).isEmptyDirectory();
        }
        environment.close();
    }

    private Path layered() throws IOException {
        Path archive = dir.resolve("layered.tar");
        new ImageBuilder("layered:v1", "example.com/x/layered:v2")
                .label(BusyboxImage.CONTENTS_LABEL, "whatever")
                .layer(new Layer()
                        .text("/usr/bin/tool", "old")
                        .symlink("/bin", "usr/bin")
                        .text("/data/a", "a")
                        .text("/data/b", "b")
                        .text("/gone/deep/file", "x")
                        .directory("/tmp", 01777, 0, 0)
                        .directory("/home/app", 0750, 1000, 1000))
                .layer(new Layer()
                        .text("/bin/tool", "new")
                        .text("/data/.wh.a", "")
                        .text("/gone/.wh..wh..opq", "")
                        .text("/gone/kept", "k")
                        .symlink("/escape", "/../../../../../../etc")
                        .text("/escape2/x", "inside"))
                .user("1000:1000")
                .writeTo(archive);
        return archive;
    }

    @Test
    void layers_lie_on_each_other_with_deletions_and_owners() throws IOException {
        assertThat(store.loadImage(layered()))
                .containsExactly("docker.io/library/layered:v1", "example.com/x/layered:v2");
        var image = store.imageStatus("layered:v1").orElseThrow();
        assertThat(image.user()).isEqualTo("1000:1000");
        assertThat(store.imageStatus(image.id())).contains(image);
        assertThat(store.imageStatus(image.id().substring(7, 19))).contains(image);
        assertThat(store.imageStatus("layered")).isEmpty();

        var stored = store.stored("layered:v1");
        Path root = Files.createDirectories(dir.resolve("root"));
        Mounts.mount(
                "overlay",
                root,
                "overlay",
                0,
                store.layers()
                        .overlayOptions(
                                stored.chain(),
                                Files.createDirectories(dir.resolve("upper")),
                                Files.createDirectories(dir.resolve("work"))));
        try {
            // The second layer wrote through the first one's link and did not replace it.
            assertThat(Files.isSymbolicLink(root.resolve("bin"))).isTrue();
            assertThat(root.resolve("usr/bin/tool")).hasContent("new");
            assertThat(root.resolve("data/a")).doesNotExist();
            assertThat(root.resolve("data/b")).hasContent("b");
            assertThat(root.resolve("gone/deep")).doesNotExist();
            assertThat(root.resolve("gone/kept")).hasContent("k");
            assertThat(Files.getAttribute(root.resolve("tmp"), "unix:mode")).isEqualTo(041777);
            assertThat(Files.getAttribute(root.resolve("home/app"), "unix:uid")).isEqualTo(1000);
        } finally {
            Mounts.unmountIfMounted(root);
        }
        store.removeImage("layered:v1");
        assertThat(store.listImages()).isEmpty();
        assertThat(dir.resolve("images/layers")).isEmptyDirectory();
        assertThat(dir.resolve("images/blobs/sha256")).isEmptyDirectory();
    }

    @Test
    void equal_content_gives_equal_archives() throws IOException {
        byte[] first = Files.readAllBytes(layered());
        assertThat(Files.readAllBytes(layered())).isEqualTo(first);
    }

    @Test
    void nothing_in_an_archive_reaches_outside_of_the_root() throws IOException {
        Path root = Files.createDirectories(dir.resolve("r"));
        Files.createSymbolicLink(root.resolve("up"), Path.of("../../../../etc"));
        Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
        assertThat(RootedPath.resolve(root, Path.of("up/passwd"))).isEqualTo(root.resolve("etc/passwd"));
        assertThat(RootedPath.clean("../../etc/passwd")).isEqualTo(Path.of("etc/passwd"));
        assertThatThrownBy(() -> RootedPath.resolve(root, Path.of("loop/x"))).hasMessageContaining("too many levels");
    }

    @Test
    void references_are_normalised_as_upstream() {
        assertThat(Reference.parse("busybox")).hasToString("docker.io/library/busybox:latest");
        assertThat(Reference.parse("user/app:1")).hasToString("docker.io/user/app:1");
        assertThat(Reference.parse("localhost:5000/a/b")).hasToString("localhost:5000/a/b:latest");
        assertThat(Reference.parse("quay.io/x@sha256:" + "a".repeat(64)).tag()).isNull();
        for (String bad : List.of("", "UPPER", "a b", "x:", "x:bad tag", "x@sha256:12", "-x", "a//b")) {
            assertThatThrownBy(() -> Reference.parse(bad))
                    .as(bad)
                    .isInstanceOfSatisfying(
                            CriException.class,
                            e -> assertThat(e.code()).isEqualTo(CriException.Code.INVALID_IMAGE_NAME));
        }
    }

    @Test
    void pulls_from_a_registry_that_wants_a_token_and_words_failures_as_containerd() throws IOException {
        Path files = Files.createDirectories(dir.resolve("x"));
        ImageArchive.extract(layered(), files);
        Map<String, byte[]> content = new HashMap<>();
        ImageSource source = ImageArchive.images(files).getFirst();
        List<Object> layers = new ArrayList<>();
        for (int i = 0; i < source.layers(); i++) {
            byte[] layer = source.layer(i).readAllBytes();
            content.put("/v2/app/blobs/" + Digests.of(layer), layer);
            layers.add(Map.of("digest", Digests.of(layer)));
        }
        content.put("/v2/app/blobs/" + Digests.of(source.config()), source.config());
        byte[] manifest = Json.bytes(Map.of("config", Map.of("digest", Digests.of(source.config())), "layers", layers));
        content.put("/v2/app/manifests/" + Digests.of(manifest), manifest);
        content.put(
                "/v2/app/manifests/v1",
                Json.bytes(Map.of(
                        "manifests",
                        List.of(
                                Map.of(
                                        "digest",
                                        "sha256:0",
                                        "platform",
                                        Map.of("os", "windows", "architecture", "amd64")),
                                Map.of(
                                        "digest",
                                        Digests.of(manifest),
                                        "platform",
                                        Map.of("os", "linux", "architecture", Platform.architecture()))))));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        int port = server.getAddress().getPort();
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            byte[] body = new byte[0];
            int status = 404;
            if (path.equals("/token")) {
                status = "Basic dTpw".equals(authorization) ? 200 : 403;
                body = "{\"token\":\"t\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
            } else if (!"Bearer t".equals(authorization)) {
                status = 401;
                exchange.getResponseHeaders()
                        .add(
                                "WWW-Authenticate",
                                "Bearer realm=\"http://127.0.0.1:" + port
                                        + "/token\",service=\"s\",scope=\"repository:app:pull\"");
            } else if (content.containsKey(path)) {
                status = 200;
                body = content.get(path);
            }
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        String registry = "127.0.0.1:" + port;
        List<Credential> credentials = List.of(new Credential(registry, "u", "p"));
        try {
            String id = store.pullImage(registry + "/app:v1", credentials);
            var image = store.imageStatus(registry + "/app:v1").orElseThrow();
            assertThat(image.id()).isEqualTo(id);
            assertThat(image.repoDigests()).hasSize(1);
            // What a registry gave is never taken for what was made here.
            assertThat(store.standIn(registry + "/app:v1")).isEmpty();
            assertThatThrownBy(() -> store.pullImage(registry + "/app:v9", credentials))
                    .isInstanceOfSatisfying(
                            CriException.class, e -> assertThat(e.code()).isEqualTo(CriException.Code.NOT_FOUND))
                    .hasMessage("failed to pull and unpack image \"" + registry + "/app:v9\": failed to resolve "
                            + "reference \"" + registry + "/app:v9\": " + registry + "/app:v9: not found");
            assertThatThrownBy(() -> store.pullImage(registry + "/app:v1", List.of()))
                    .hasMessageContaining("failed to authorize");
        } finally {
            server.stop(0);
        }
        assertThatThrownBy(() -> store.pullImage(registry + "/app:v2", List.of()))
                .isInstanceOfSatisfying(
                        CriException.class, e -> assertThat(e.code()).isEqualTo(CriException.Code.REGISTRY_UNAVAILABLE))
                .hasMessageContaining("dial tcp 127.0.0.1:" + port + ": connect: connection refused");
    }
}

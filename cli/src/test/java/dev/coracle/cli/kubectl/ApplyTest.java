package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.cli.kubectl.apply.LastApplied;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is applied, scaled, labelled and deleted, told by the words and by what the server then has. */
class ApplyTest {
    @TempDir
    private static Path dir;

    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new TestServer(dir);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static final String WEB = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: NAME, labels: {app: NAME}}
            spec:
              replicas: 2
              selector: {matchLabels: {app: NAME}}
              template:
                metadata: {labels: {app: NAME}}
                spec:
                  containers:
                  - name: web
                    image: nginx:1
                    env:
                    - {name: A, value: "<1>"}
                    - {name: B, value: "2"}
                  - name: side
                    image: busybox
            """;

    private static Path file(String name, String text) throws Exception {
        return Files.writeString(dir.resolve(name), text);
    }

    private static Unstructured deployment(String name) {
        return server.admin().get(Resources.DEPLOYMENTS, "default", name).object();
    }

    private static void says(TestServer.Result result, String line) {
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isEqualTo(line + "\n");
        assertThat(result.code()).isZero();
    }

    @Test
    void appliesCreatesThenConfiguresThenLeavesAlone() throws Exception {
        Path file = file("a.yaml", WEB.replace("NAME", "a"));
        says(server.run("apply", "-f", file.toString()), "deployment.apps/a created");
        says(server.run("apply", "-f", file.toString()), "deployment.apps/a unchanged");
        file("a.yaml", WEB.replace("NAME", "a").replace("nginx:1", "nginx:2"));
        says(server.run("apply", "-f", file.toString()), "deployment.apps/a configured");
        assertThat(deployment("a")
                        .objects("spec", "template", "spec", "containers")
                        .getFirst()
                        .string("image"))
                .isEqualTo("nginx:2");
    }

    @Test
    void applyRemovesWhatItAppliedAndKeepsWhatOthersAdded() throws Exception {
        Path file = file("b.yaml", WEB.replace("NAME", "b"));
        server.run("apply", "-f", file.toString());
        says(server.run("scale", "deploy/b", "--replicas=5"), "deployment.apps/b scaled");
        says(server.run("label", "deployment", "b", "team=blue"), "deployment.apps/b labeled");
        file(
                "b.yaml",
                WEB.replace("NAME", "b")
                        .replace("  replicas: 2\n", "")
                        .replace("        - {name: A, value: \"<1>\"}\n", "")
                        .replace("      - name: side\n        image: busybox\n", ""));
        says(server.run("apply", "-f", file.toString()), "deployment.apps/b configured");
        Unstructured now = deployment("b");
        var containers = now.objects("spec", "template", "spec", "containers");
        assertThat(containers).hasSize(1);
        assertThat(containers.getFirst().objects("env"))
                .extracting(e -> e.string("name"))
                .containsExactly("B");
        assertThat(now.labels()).containsEntry("team", "blue").containsEntry("app", "b");
        assertThat(LastApplied.of(now).orElseThrow().has("spec", "replicas")).isFalse();
        says(server.run("apply", "-f", file.toString()), "deployment.apps/b unchanged");
    }

    @Test
    void whatIsRememberedIsWhatTheOtherRemembers() throws Exception {
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.isExecutable(TestServer.OTHER));
        Path file = file("c.yaml", WEB.replace("NAME", "c"));
        server.run("apply", "-f", file.toString());
        String ours = deployment("c").annotations().get(LastApplied.ANNOTATION);
        var theirs = server.other("apply", "-f", file.toString());
        assertThat(theirs.out()).isEqualTo("deployment.apps/c unchanged\n");
        server.run("delete", "deployment", "c");
        server.other("apply", "-f", file.toString());
        assertThat(deployment("c").annotations().get(LastApplied.ANNOTATION)).isEqualTo(ours);
        says(server.run("apply", "-f", file.toString()), "deployment.apps/c unchanged");
    }

    @Test
    void applyTakesStandardInputDirectoriesAndKustomizations() throws Exception {
        says(
                server.runWith(
                        "{apiVersion: v1, kind: ConfigMap, metadata: {name: stdin}, data: {a: b}}", "apply", "-f", "-"),
                "configmap/stdin created");
        Path sub = Files.createDirectories(dir.resolve("many"));
        Files.writeString(
                sub.resolve("1.yaml"),
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: one}}\n---\n"
                        + "{apiVersion: v1, kind: ConfigMap, metadata: {name: two}}\n");
        Files.writeString(
                sub.resolve("2.json"),
                "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"made\"}}");
        Files.writeString(sub.resolve("README.md"), "not a manifest");
        says(
                server.run("apply", "-f", sub.toString()),
                "configmap/one created\nconfigmap/two created\nnamespace/made created");
        Files.writeString(sub.resolve("kustomization.yaml"), "resources: [1.yaml]");
        says(server.run("apply", "-k", sub.toString()), "configmap/one unchanged\nconfigmap/two unchanged");
    }

    @Test
    void refusalsAreWorded() throws Exception {
        assertThat(server.run("apply", "-f", "nowhere.yaml").err())
                .isEqualTo("error: the path \"nowhere.yaml\" does not exist\n");
        Path odd = file("odd.yaml", "{apiVersion: example.com/v1, kind: Odd, metadata: {name: x}}");
        assertThat(server.run("apply", "-f", odd.toString()).err())
                .contains("no matches for kind \"Odd\" in version \"example.com/v1\"");
        assertThat(server.run("get", "pods", "--frob").err()).startsWith("error: unknown flag: --frob");
        assertThat(server.run("frob").err()).isEqualTo("error: unknown command \"frob\" for \"kubectl\"\n");
    }

    @Test
    void createRefusesWhatIsThere() throws Exception {
        Path file = file("cm.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: cm}}");
        says(server.run("create", "-f", file.toString()), "configmap/cm created");
        var again = server.run("create", "-f", file.toString());
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err())
                .isEqualTo("Error from server (AlreadyExists): error when creating \"" + file
                        + "\": configmaps \"cm\" already exists\n");
        says(server.run("create", "namespace", "fresh"), "namespace/fresh created");
        says(server.run("create", "configmap", "lit", "-n", "fresh", "--from-literal=a=b=c"), "configmap/lit created");
        says(server.run("create", "secret", "generic", "s", "--from-literal=KEY=password123"), "secret/s created");
        assertThat(server.run("get", "secret", "s", "-o", "jsonpath={.data.KEY}")
                        .out())
                .isEqualTo("cGFzc3dvcmQxMjM=");
    }

    @Test
    void deletesByNameFileAndLabelAndWaits() throws Exception {
        Path file = file("d.yaml", WEB.replace("NAME", "d"));
        server.run("apply", "-f", file.toString());
        says(server.run("delete", "-f", file.toString()), "deployment.apps \"d\" deleted");
        var gone = server.run("delete", "deployment", "d");
        assertThat(gone.code()).isEqualTo(1);
        assertThat(gone.err()).isEqualTo("Error from server (NotFound): deployments.apps \"d\" not found\n");
        assertThat(server.run("delete", "deployment", "d", "--ignore-not-found").code())
                .isZero();
        server.run("create", "configmap", "l1");
        server.run("label", "cm", "l1", "kill=me");
        says(server.run("delete", "cm", "-l", "kill=me"), "configmap \"l1\" deleted");
        assertThat(server.run("delete", "cm").err())
                .isEqualTo("error: resource(s) were provided, but no name was specified\n");
    }

    @Test
    void imagesLabelsAndAnnotationsAreSet() throws Exception {
        server.run("apply", "-f", file("e.yaml", WEB.replace("NAME", "e")).toString());
        says(server.run("set", "image", "deployment/e", "web=nginx:9"), "deployment.apps/e image updated");
        assertThat(server.run("set", "image", "deployment/e", "web=nginx:9").out())
                .isEmpty();
        assertThat(server.run("set", "image", "deployment/e", "nope=x").err())
                .isEqualTo("error: unable to find container named \"nope\"\n");
        says(server.run("label", "deploy", "e", "tier=web"), "deployment.apps/e labeled");
        says(server.run("label", "deploy", "e", "tier=web"), "deployment.apps/e not labeled");
        assertThat(server.run("label", "deploy", "e", "tier=db").err())
                .isEqualTo("error: 'tier' already has a value (web), and --overwrite is false\n");
        says(server.run("label", "deploy", "e", "tier=db", "--overwrite"), "deployment.apps/e labeled");
        says(server.run("label", "deploy", "e", "tier-"), "deployment.apps/e unlabeled");
        says(server.run("annotate", "deploy/e", "note=hello world"), "deployment.apps/e annotated");
        Unstructured now = deployment("e");
        assertThat(now.labels()).doesNotContainKey("tier");
        assertThat(now.annotations()).containsEntry("note", "hello world");
        assertThat(now.objects("spec", "template", "spec", "containers")).hasSize(2);
    }

    @Test
    void whatJqWritesIsAppliedObjectByObject() throws Exception {
        Path file = file("stream.json", """
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "first"}, "data": {"a": "1", "a": "2"}}
                {
                  "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "second"}
                }
                """);
        assertThat(server.run("apply", "-f", file.toString()).out())
                .isEqualTo("configmap/first created\nconfigmap/second created\n");
    }

    @Test
    void whatAnEditorSavedAsUtf16IsReadAndForeignBytesSpoilOnlyTheirValue() throws Exception {
        String text = "{apiVersion: v1, kind: ConfigMap, metadata: {name: wide}, data: {a: \u00fc}}\n";
        Path wide = Files.write(dir.resolve("wide.yaml"), text.getBytes(StandardCharsets.UTF_16));
        assertThat(server.run("apply", "-f", wide.toString()).out()).isEqualTo("configmap/wide created\n");
        Path latin = Files.write(
                dir.resolve("latin.yaml"), text.replace("wide", "latin").getBytes(StandardCharsets.ISO_8859_1));
        assertThat(server.run("apply", "-f", latin.toString()).out()).isEqualTo("configmap/latin created\n");
        assertThat(server.admin()
                        .get(Resources.CONFIG_MAPS, "default", "latin")
                        .object()
                        .string("data", "a"))
                .isEqualTo("\ufffd");
    }
}

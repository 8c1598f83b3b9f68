package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects become what a file says, and nothing of what it does not say stays. */
class ReplaceTest {
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

    private static String file(String name, String data) throws Exception {
        return Files.writeString(dir.resolve(name + ".yaml"), """
                        {apiVersion: v1, kind: ConfigMap, metadata: {name: %s}, data: {%s}}
                        """.formatted(name, data))
                .toString();
    }

    private static Unstructured now(String name) {
        return server.admin().get(Resources.CONFIG_MAPS, "default", name).object();
    }

    @Test
    void whatTheFileDoesNotSayIsGoneAndTheObjectStaysTheSame() throws Exception {
        server.run("create", "configmap", "one", "--from-literal=a=1", "--from-literal=b=1");
        String uid = now("one").uid();
        String file = file("one", "a: '2'");
        assertThat(server.run("replace", "-f", file, "--dry-run=server").out())
                .isEqualTo("configmap/one replaced (server dry run)\n");
        assertThat(now("one").object("data").map()).hasSize(2);
        assertThat(server.run("replace", "-f", file).out()).isEqualTo("configmap/one replaced\n");
        assertThat(now("one").object("data").map()).hasToString("{a=2}");
        assertThat(now("one").uid()).isEqualTo(uid);
    }

    @Test
    void oneThatIsNotThereIsNotMade() throws Exception {
        String file = file("none", "a: '2'");
        TestServer.Result refused = server.run("replace", "-f", file);
        assertThat(refused.err())
                .isEqualTo("Error from server (NotFound): error when replacing \"" + file
                        + "\": configmaps \"none\" not found\n");
        assertThat(refused.code()).isEqualTo(1);
    }

    @Test
    void byForceItIsAnother() throws Exception {
        server.run("create", "configmap", "two", "--from-literal=a=1");
        String uid = now("two").uid();
        String file = file("two", "a: '2'");
        assertThat(server.run("replace", "--force", "-f", file).out())
                .isEqualTo("configmap \"two\" deleted\nconfigmap/two replaced\n");
        assertThat(now("two").uid()).isNotEqualTo(uid);
        assertThat(server.run("replace", "--force", "-f", file("three", "")).out())
                .as("one that was not there")
                .isEqualTo("configmap/three replaced\n");
    }

    @Test
    void anObjectThatHasChangedSinceItWasReadIsNotOverwritten() throws Exception {
        server.run("create", "configmap", "read", "--from-literal=a=1");
        String text = server.run("get", "configmap", "read", "-o", "yaml").out();
        server.run("patch", "configmap", "read", "-p", "{\"data\":{\"a\":\"2\"}}");
        TestServer.Result refused = server.runWith(text, "replace", "-f", "-");
        assertThat(refused.err()).startsWith("Error from server (Conflict): error when replacing \"STDIN\"");
        assertThat(now("read").string("data", "a")).isEqualTo("2");
    }

    @Test
    void rawIsWhatAServerIsSentAndWhatItAnswers() throws Exception {
        String all = "/api/v1/namespaces/default/configmaps";
        String file = file("raw", "a: '1'");
        // What is sent is not read here, so that it is JSON.
        assertThat(server.run("create", "--raw", all, "-f", file).err()).contains("BadRequest");
        String json = "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'raw'},'data':{'a':'%s'}}";
        TestServer.Result made =
                server.runWith(json.formatted("1").replace('\'', '"'), "create", "--raw", all, "-f", "-");
        assertThat(made.err()).isEmpty();
        assertThat(Unstructured.parse(made.out()).uid()).isEqualTo(now("raw").uid());
        server.runWith(json.formatted("2").replace('\'', '"'), "replace", "--raw", all + "/raw", "-f", "-");
        assertThat(now("raw").string("data", "a")).isEqualTo("2");
        assertThat(server.run("get", "--raw", all + "?watch=true&timeoutSeconds=1&fieldSelector=metadata.name=raw")
                        .out())
                .as("an answer as it comes")
                .startsWith("{\"type\":\"ADDED\"");
        assertThat(server.run("delete", "--raw", all + "/raw").out()).contains("\"status\":\"Success\"");
        assertThat(server.run("get", "--raw", all + "/raw").code()).isEqualTo(1);
    }

    @Test
    void optionsThatMeanNothingTogetherAreRefused() throws Exception {
        String file = file("one", "a: '2'");
        assertThat(server.run("replace").err()).isEqualTo("error: must specify one of -f and -k\n");
        assertThat(server.run("replace", "--force", "-f", file, "--dry-run=client")
                        .err())
                .isEqualTo("error: --dry-run can not be used when --force is set\n");
        assertThat(server.run("replace", "-f", file, "--grace-period=1").err())
                .isEqualTo("error: --grace-period must have --force specified\n");
    }
}

package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods and Services made from flags, and what one may do; said as the other says it, where there is one. */
class RunExposeAuthTest {
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

    private static void says(String line, String... words) {
        TestServer.Result r = server.run(words);
        assertThat(r.err()).isEmpty();
        assertThat(r.out()).isEqualTo(line + "\n");
        assertThat(r.code()).isZero();
    }

    /** And so does the other. */
    private static void answers(int code, String out, String err, String... words) throws Exception {
        TestServer.Result r = server.run(words);
        assertThat(r).isEqualTo(new TestServer.Result(code, out, err));
        if (Files.isExecutable(TestServer.OTHER)) {
            assertThat(server.other(words)).isEqualTo(r);
        }
    }

    private static Unstructured pod(String name) {
        return server.admin().get(Resources.PODS, "default", name).object();
    }

    private static Unstructured service(String name) {
        return server.admin().get(Resources.SERVICES, "default", name).object();
    }

    @Test
    void aPodIsRun() throws Exception {
        says("pod/plain created", "run", "plain", "--image=nginx");
        assertThat(pod("plain").labels()).containsOnlyKeys("run").containsEntry("run", "plain");
        assertThat(pod("plain").string("spec", "restartPolicy")).isEqualTo("Always");
        says(
                "pod/full created",
                "run",
                "full",
                "--image=registry.local:5000/a/b:1",
                "--port=80",
                "--env=A=b=c",
                "--env=B=2",
                "--restart=Never",
                "--labels=app=full,tier=x",
                "--command",
                "--",
                "sh",
                "-c",
                "exit 0");
        Unstructured c = pod("full").objects("spec", "containers").getFirst();
        assertThat(c.stringList("command")).containsExactly("sh", "-c", "exit 0");
        assertThat(c.objects("env"))
                .extracting(e -> e.string("name") + ":" + e.string("value"))
                .containsExactly("A:b=c", "B:2");
        assertThat(c.objects("ports").getFirst().integer(0, "containerPort")).isEqualTo(80);
        assertThat(pod("full").labels()).containsEntry("tier", "x").doesNotContainKey("run");
        assertThat(pod("full").string("spec", "restartPolicy")).isEqualTo("Never");
        says("pod/args created", "run", "args", "--image=nginx", "--", "a", "b");
        assertThat(pod("args").objects("spec", "containers").getFirst().stringList("args"))
                .containsExactly("a", "b");
        answers(0, "pod/dry created (dry run)\n", "", "run", "dry", "--image=nginx", "--dry-run=client");
        answers(0, "pod/dry created (server dry run)\n", "", "run", "dry", "--image=nginx", "--dry-run=server");
        answers(
                1,
                "",
                "Error from server (AlreadyExists): pods \"plain\" already exists\n",
                "run",
                "plain",
                "--image=nginx");
    }

    @Test
    void whoIsNotConnectedCannotHaveThePodTakenAway() throws Exception {
        answers(
                1,
                "",
                "error: --rm should only be used for attached containers\nSee 'kubectl run -h' for help and examples\n",
                "run",
                "x",
                "--image=nginx",
                "--rm");
        answers(
                1,
                "",
                "error: -i/--stdin is required for containers with -t/--tty=true\nSee 'kubectl run -h' for help and examples\n",
                "run",
                "x",
                "--image=nginx",
                "-t");
        answers(
                1,
                "",
                "error: --dry-run=[server|client] can't be used with attached containers options (--attach, --stdin,"
                        + " or --tty)\nSee 'kubectl run -h' for help and examples\n",
                "run",
                "x",
                "--image=nginx",
                "-i",
                "--dry-run=client");
        says("pod/waits created", "run", "waits", "--image=nginx", "-i", "--attach=false");
        assertThat(pod("waits").objects("spec", "containers").getFirst().map())
                .containsEntry("stdin", true)
                .containsEntry("stdinOnce", true);
    }

    @Test
    void whoMayTakesAnotherPlace() throws Exception {
        answers(1, "no\n", "", "auth", "can-i", "list", "pods", "--as=bob");
        answers(0, "yes\n", "", "auth", "can-i", "list", "pods", "--as=bob", "--as-group=system:masters");
        answers(
                1,
                "",
                "Error from server (Forbidden): pods is forbidden: User \"bob\" cannot list resource \"pods\" in API"
                        + " group \"\" in the namespace \"default\"\n",
                "get",
                "pods",
                "--as=bob");
    }

    @Test
    void whoMisspellsAVerbIsToldTheNearOnes() {
        assertThat(server.run("xyzzy").err()).isEqualTo("error: unknown command \"xyzzy\" for \"kubectl\"\n");
        assertThat(server.run("log").err())
                .isEqualTo("error: unknown command \"log\" for \"kubectl\"\n\nDid you mean this?\n\ttop\n\tlogs\n");
        assertThat(server.run("descibe").err()).endsWith("\n\tdescribe\n");
        assertThat(server.run("descibe").code()).isEqualTo(1);
    }

    @Test
    void aCommandsOwnHelpIsNotOurs() {
        for (String help : new String[] {"-h", "--help"}) {
            assertThat(server.run("exec", "nobody", "--", "df", help).err())
                    .isEqualTo("Error from server (NotFound): pods \"nobody\" not found\n");
        }
    }

    @Test
    void everyVerbListsItsOptions() {
        TestServer.Result all = server.run("--help");
        assertThat(all.code()).isZero();
        List<String> verbs = all.out()
                .lines()
                .filter(l -> l.startsWith("  "))
                .map(l -> l.strip().split(" ")[0])
                .toList();
        assertThat(verbs).hasSizeGreaterThan(30).contains("get", "create", "annotate");
        for (String verb : verbs) {
            assertThat(server.run(verb, "--help").out())
                    .as(verb)
                    .contains("kubectl " + verb + " [ARGUMENTS]", "-n, --namespace=VALUE");
        }
        assertThat(server.run("get", "--help").out()).contains("-o, --output=VALUE", "-w, --watch ");
    }

    @Test
    void aWorkloadIsAutoscaledAndVersionsAreListed() throws Exception {
        says("deployment.apps/busy created", "create", "deployment", "busy", "--image=nginx");
        answers(
                0,
                "horizontalpodautoscaler.autoscaling/busy created (dry run)\n",
                "",
                "autoscale",
                "deployment",
                "busy",
                "--max=5",
                "--dry-run=client");
        says(
                "horizontalpodautoscaler.autoscaling/busy autoscaled",
                "autoscale",
                "deployment",
                "busy",
                "--min=2",
                "--max=5",
                "--cpu-percent=80");
        Unstructured scaler = server.admin()
                .get(new GroupVersionResource("autoscaling", "v2", "horizontalpodautoscalers"), "default", "busy")
                .object();
        assertThat(scaler.string("spec", "scaleTargetRef", "apiVersion")).isEqualTo("apps/v1");
        assertThat(scaler.integer(0, "spec", "minReplicas")).isEqualTo(2);
        assertThat(scaler.objects("spec", "metrics").getFirst().integer(0, "resource", "target", "averageUtilization"))
                .isEqualTo(80);
        answers(
                1,
                "",
                "error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: 1, min: 2\n",
                "autoscale",
                "deployment",
                "busy",
                "--min=2",
                "--max=1");
        TestServer.Result versions = server.run("api-versions");
        assertThat(versions.out()).contains("apps/v1\n", "\nv1\n");
        if (Files.isExecutable(TestServer.OTHER)) {
            assertThat(server.other("api-versions")).isEqualTo(versions);
        }
    }

    @Test
    void whatCannotBeRunSaysWhy() throws Exception {
        answers(1, "", "error: Invalid image name \"UP\": invalid reference format\n", "run", "x", "--image=UP");
        answers(
                1,
                "",
                "error: invalid restart policy: Sometimes\nSee 'kubectl run -h' for help and examples\n",
                "run",
                "x",
                "--image=nginx",
                "--restart=Sometimes");
        answers(1, "", "error: invalid env: A\n", "run", "x", "--image=nginx", "--env=A");
        answers(1, "", "error: unexpected label spec: a\n", "run", "x", "--image=nginx", "--labels=a");
        answers(
                1,
                "",
                "error: NAME is required for run\nSee 'kubectl run -h' for help and examples\n",
                "run",
                "--image=nginx");
    }

    @Test
    void workloadsPodsAndServicesAreExposed() throws Exception {
        server.run("create", "deployment", "web", "--image=nginx", "--port=80");
        says("service/web exposed", "expose", "deployment", "web", "--target-port=http", "--type=NodePort");
        assertThat(service("web").strings("spec", "selector")).containsOnlyKeys("app");
        assertThat(service("web").string("spec", "type")).isEqualTo("NodePort");
        Unstructured port = service("web").objects("spec", "ports").getFirst();
        assertThat(port.integer(0, "port")).isEqualTo(80);
        assertThat(port.string("targetPort")).isEqualTo("http");
        says("service/again exposed", "expose", "svc/web", "--port=81", "--name=again");
        assertThat(service("again").objects("spec", "ports").getFirst().integer(0, "targetPort"))
                .isEqualTo(81);
        server.run("run", "lone", "--image=nginx");
        answers(1, "", "error: couldn't find port via --port flag or introspection\n", "expose", "pod", "lone");
        answers(
                0,
                "service/lone exposed (dry run)\n",
                "",
                "expose",
                "pod",
                "lone",
                "--port=80,443",
                "--dry-run=client");
        says("service/lone exposed", "expose", "pod", "lone", "--port=80,443");
        assertThat(service("lone").objects("spec", "ports"))
                .extracting(p -> p.string("name"))
                .containsExactly("port-1", "port-2");
        server.admin()
                .update(
                        Resources.PODS,
                        pod("lone").copy().remove("metadata", "labels"),
                        dev.coracle.client.WriteOptions.DEFAULT);
        answers(
                1,
                "",
                "error: couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and"
                        + " cannot be exposed\n",
                "expose",
                "pod",
                "lone",
                "--port=80");
        server.run("create", "configmap", "cm");
        answers(1, "", "error: cannot expose a ConfigMap\n", "expose", "cm", "cm", "--port=80");
        answers(
                1,
                "",
                "Error from server (AlreadyExists): services \"web\" already exists\n",
                "expose",
                "deployment/web",
                "--port=80");
    }

    @Test
    void oneIsToldWhatOneMayDo() throws Exception {
        answers(0, "yes\n", "", "auth", "can-i", "create", "deployments", "-n", "flowforge");
        answers(0, "yes\n", "", "auth", "can-i", "get", "/healthz");
        answers(0, "", "", "auth", "can-i", "get", "pods/web", "--subresource=log", "-q");
        answers(0, "yes\n", "Warning: resource 'nodes' is not namespace scoped\n\n", "auth", "can-i", "list", "nodes");
        answers(
                0,
                "yes\n",
                "Warning: the server doesn't have a resource type 'frobs'\n\nWarning: verb 'frob' is not a known"
                        + " verb\n\n",
                "auth",
                "can-i",
                "frob",
                "frobs");
        answers(
                1,
                "",
                "error: you must specify two arguments: verb resource or verb resource/resourceName.\n"
                        + "See 'kubectl auth can-i -h' for help and examples.\n",
                "auth",
                "can-i",
                "get");
        TestServer.Result list = server.run("auth", "can-i", "--list");
        assertThat(list.out()).startsWith("Resources ").contains("*.*").contains("[/healthz]");
        if (Files.isExecutable(TestServer.OTHER)) {
            assertThat(server.other("auth", "can-i", "--list")).isEqualTo(list);
        }
    }

    @Test
    void aRefusalIsTheExitCode() throws Exception {
        String token = server.admin()
                .post(
                        Resources.SERVICE_ACCOUNTS,
                        "default",
                        "default",
                        "token",
                        Unstructured.of("authentication.k8s.io/v1", "TokenRequest"))
                .string("status", "token");
        Path meek = dir.resolve("meek");
        Files.writeString(
                meek,
                Files.readString(server.kubeconfig())
                        .replaceAll("user: \\{client-certificate-data: [^}]*}", "user: {token: " + token + "}"));
        String config = "--kubeconfig=" + meek;
        answers(1, "no\n", "", config, "auth", "can-i", "delete", "secrets");
        answers(1, "", "", config, "auth", "can-i", "delete", "secrets", "--quiet");
        TestServer.Result who = server.run(config, "auth", "whoami");
        assertThat(who.out())
                .startsWith("ATTRIBUTE ")
                .contains("system:serviceaccount:default:default")
                .contains("system:serviceaccounts:default", "system:authenticated");
        if (Files.isExecutable(TestServer.OTHER)) {
            // Each token has an id of its own, but this is one token.
            assertThat(server.other(config, "auth", "whoami")).isEqualTo(who);
        }
    }
}

package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.e2e.harness.DemoCluster;
import dev.coracle.e2e.harness.Kubectl;
import dev.coracle.e2e.harness.Running;
import dev.coracle.e2e.harness.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What people type, and what they are told. */
@ExtendWith(DemoCluster.class)
class KubectlVerbsStoryTest {
    private static final String NS = "verbs";
    private static final String WEB = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, namespace: verbs, labels: {app: web}}
            spec:
              replicas: 1
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                  - name: web
                    image: busybox
                    imagePullPolicy: IfNotPresent
                    command: [sh, -c, "echo hello > /tmp/index.html; echo started; httpd -f -p 8080 -h /tmp"]
            """;

    private final Kubectl kubectl;

    KubectlVerbsStoryTest(Kubectl kubectl) {
        this.kubectl = kubectl;
    }

    @BeforeAll
    static void namespace(Kubectl kubectl) {
        kubectl.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: verbs}\n---\n" + WEB);
        kubectl.ok("rollout", "status", "deployment/web", "-n", NS, "--timeout=60s");
    }

    @AfterAll
    static void clean(Kubectl kubectl) {
        kubectl.ok("delete", "namespace", NS);
    }

    static boolean real() {
        return Kubectl.real();
    }

    private String on(String... words) {
        return kubectl.ok(Stream.concat(Stream.of("-n", NS), Stream.of(words)).toArray(String[]::new));
    }

    @Test
    void theReferenceOfKeyCommands() {
        String pod = kubectl.items("pods", "-n", NS, "-l", "app=web").getFirst().name();
        assertThat(kubectl.ok("cluster-info")).contains("Kubernetes control plane");
        assertThat(kubectl.ok("get", "nodes")).contains("STATUS").contains("control-plane");
        assertThat(on("get", "pods")).containsPattern("NAME +READY +STATUS +RESTARTS +AGE");
        assertThat(on("get", "pods", "-o", "wide")).containsPattern("IP +NODE +NOMINATED NODE +READINESS GATES");
        assertThat(on("describe", "pod", pod)).contains("Events:").contains("Successfully assigned verbs/" + pod);
        assertThat(on("logs", pod)).isEqualTo("started\n");
        assertThat(on("logs", pod, "-c", "web")).isEqualTo("started\n");
        assertThat(on("exec", pod, "--", "cat", "/tmp/index.html")).isEqualTo("hello\n");
        assertThat(on("get", "deployments")).containsPattern("NAME +READY +UP-TO-DATE +AVAILABLE +AGE");
        assertThat(on("describe", "deployment", "web")).contains("StrategyType:           RollingUpdate");
        assertThat(on("rollout", "status", "deployment", "web")).contains("successfully rolled out");
        assertThat(on("rollout", "history", "deployment", "web")).contains("REVISION");
        assertThat(kubectl.ok("get", "services", "-n", "flowforge"))
                .containsPattern("NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\\(S\\) +AGE");
        assertThat(kubectl.ok("describe", "service", "api-service", "-n", "flowforge"))
                .contains("Selector:                 app=api-service");
        assertThat(kubectl.ok("get", "endpoints", "api-service", "-n", "flowforge"))
                .contains(":8080");
        assertThat(kubectl.ok("get", "configmaps", "-n", "flowforge")).contains("flowforge-config");
        assertThat(kubectl.ok("describe", "configmap", "flowforge-config", "-n", "flowforge"))
                .contains("DB_HOST:");
        assertThat(kubectl.ok("get", "secrets", "-n", "flowforge")).contains("Opaque");
        assertThat(kubectl.ok(
                        "get", "secret", "flowforge-secrets", "-n", "flowforge", "-o", "jsonpath={.data.DB_PASSWORD}"))
                .isEqualTo("cGFzc3dvcmQxMjM=");
        assertThat(kubectl.ok("get", "namespaces")).contains("Active");
        assertThat(kubectl.ok("get", "all", "-n", "flowforge")).contains("deployment.apps/api-service");
        assertThat(on("get", "events", "--sort-by=.lastTimestamp")).contains("Scheduled");
        assertThat(kubectl.ok("get", "pods", "-n", "ingress-nginx")).contains("Running");
        assertThat(kubectl.ok("logs", "-n", "ingress-nginx", "-l", "app.kubernetes.io/name=ingress-nginx", "--tail=-1"))
                .contains("GET /health");
    }

    @Test
    @EnabledIf("real")
    void topTellsWhatPodsAndNodesUse() {
        assertThat(kubectl.ok("top", "pods", "-n", "flowforge")).containsPattern("postgresql-\\S+ +\\d+m +\\d+Mi");
        assertThat(kubectl.ok("top", "nodes")).containsPattern("-worker +\\d+m +\\d+% +\\d+Mi +\\d+%");
    }

    @Test
    @EnabledIf("real")
    void objectsAreCreatedWithoutAManifest() {
        assertThat(on("create", "deployment", "made", "--image=busybox", "--replicas=0"))
                .isEqualTo("deployment.apps/made created\n");
        assertThat(on(
                        "get",
                        "deployment",
                        "made",
                        "-o",
                        "jsonpath={.spec.replicas}/{.spec.template.spec.restartPolicy}"))
                .isEqualTo("0/Always");
        assertThat(on("create", "configmap", "made", "--from-literal=a=b")).isEqualTo("configmap/made created\n");
        assertThat(on("get", "configmap", "made", "-o", "jsonpath={.data.a}")).isEqualTo("b");
        assertThat(on("create", "secret", "generic", "made", "--from-literal=p=w"))
                .isEqualTo("secret/made created\n");
        assertThat(on("get", "secret", "made", "-o", "jsonpath={.data.p}/{.type}"))
                .isEqualTo("dw==/Opaque");
        assertThat(on("create", "serviceaccount", "made")).isEqualTo("serviceaccount/made created\n");
        assertThat(on("create", "token", "made")).startsWith("ey");
        assertThat(on("create", "role", "made", "--verb=get,list", "--resource=pods"))
                .isEqualTo("role.rbac.authorization.k8s.io/made created\n");
        assertThat(on("create", "rolebinding", "made", "--role=made", "--serviceaccount=verbs:made"))
                .isEqualTo("rolebinding.rbac.authorization.k8s.io/made created\n");
        assertThat(on("auth", "can-i", "list", "pods", "--as=system:serviceaccount:verbs:made"))
                .isEqualTo("yes\n");
        assertThat(kubectl.run("-n", NS, "auth", "can-i", "delete", "pods", "--as=system:serviceaccount:verbs:made")
                        .out())
                .isEqualTo("no\n");
        assertThat(kubectl.ok("auth", "whoami")).contains("kubernetes-admin");
        assertThat(on("create", "service", "clusterip", "made", "--tcp=80:8080"))
                .isEqualTo("service/made created\n");
        assertThat(on("expose", "deployment", "web", "--port=80", "--target-port=8080", "--name=exposed"))
                .isEqualTo("service/exposed exposed\n");
        assertThat(on(
                        "run",
                        "once",
                        "--image=busybox",
                        "--image-pull-policy=IfNotPresent",
                        "--restart=Never",
                        "--",
                        "true"))
                .isEqualTo("pod/once created\n");
        on("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/once", "--timeout=60s");
        assertThat(on("get", "pods")).containsPattern("once +0/1 +Completed +0 ");
    }

    @Test
    void whatIsThereIsChangedInManyWays() {
        kubectl.apply(
                WEB.replace("name: web, namespace", "name: other, namespace").replace("app: web", "app: other"));
        assertThat(on("label", "deployment", "other", "tier=front")).isEqualTo("deployment.apps/other labeled\n");
        assertThat(on("annotate", "deployment", "other", "note=x")).isEqualTo("deployment.apps/other annotated\n");
        assertThat(on("patch", "deployment", "other", "-p", "{\"spec\":{\"revisionHistoryLimit\":3}}"))
                .isEqualTo("deployment.apps/other patched\n");
        assertThat(on(
                        "patch",
                        "deployment",
                        "other",
                        "--type=json",
                        "-p",
                        "[{\"op\":\"remove\",\"path\":\"/metadata/labels/tier\"}]"))
                .isEqualTo("deployment.apps/other patched\n");
        assertThat(on(
                        "patch",
                        "deployment",
                        "other",
                        "--type=merge",
                        "-p",
                        "{\"metadata\":{\"labels\":{\"x\":\"y\"}}}"))
                .isEqualTo("deployment.apps/other patched\n");
        assertThat(on("get", "deployment", "other", "-o", "jsonpath={.metadata.labels}{.spec.revisionHistoryLimit}"))
                .isEqualTo("{\"app\":\"other\",\"x\":\"y\"}3");
        assertThat(on("scale", "deployment", "other", "--replicas=0")).isEqualTo("deployment.apps/other scaled\n");
        assertThat(on("set", "image", "deployment/other", "web=busybox:1"))
                .isEqualTo("deployment.apps/other image updated\n");
        assertThat(on("rollout", "undo", "deployment/other")).isEqualTo("deployment.apps/other rolled back\n");
        assertThat(on("rollout", "restart", "deployment/other")).isEqualTo("deployment.apps/other restarted\n");
        assertThat(kubectl.with(
                                WEB.replace("app: web}\nspec", "app: web, by: server}\nspec"),
                                "apply",
                                "--server-side",
                                "--force-conflicts",
                                "-f",
                                "-")
                        .ok())
                .isEqualTo("deployment.apps/web serverside-applied\n");
        assertThat(on("delete", "deployment", "other")).isEqualTo("deployment.apps \"other\" deleted\n");
    }

    @Test
    @EnabledIf("real")
    void anEditorsChangeIsKept(@TempDir Path dir) throws IOException {
        on("create", "configmap", "edited", "--from-literal=a=before");
        Path editor = Files.writeString(dir.resolve("editor"), "#!/bin/sh\nsed -i s/before/after/ \"$1\"\n");
        editor.toFile().setExecutable(true);
        var command = new java.util.ArrayList<>(List.of("env", "KUBE_EDITOR=" + editor));
        command.addAll(kubectl.command("-n", NS, "edit", "configmap", "edited"));

        assertThat(Shell.run(java.util.Map.of(), "", command).ok()).isEqualTo("configmap/edited edited\n");
        assertThat(on("get", "configmap", "edited", "-o", "jsonpath={.data.a}")).isEqualTo("after");
    }

    @Test
    void kindsAreListedAndExplained() {
        assertThat(kubectl.ok("api-resources")).containsPattern("deployments +deploy +apps/v1 +true +Deployment");
        assertThat(kubectl.ok("explain", "deployment.spec.replicas")).contains("FIELD: replicas <integer>");
    }

    @Test
    void aPortIsForwardedAndALogFollowed() throws IOException {
        String pod = kubectl.items("pods", "-n", NS, "-l", "app=web").getFirst().name();
        try (Running forward = kubectl.start("-n", NS, "port-forward", "pod/" + pod, ":8080")) {
            var port = java.util.regex.Pattern.compile("127\\.0\\.0\\.1:(\\d+) -> 8080");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> port.matcher(forward.output()).find());
            var m = port.matcher(forward.output());
            assertThat(m.find()).isTrue();
            assertThat(Shell.run(
                                    java.util.Map.of(),
                                    "",
                                    List.of("curl", "-fsS", "http://127.0.0.1:" + m.group(1) + "/index.html"))
                            .ok())
                    .isEqualTo("hello\n");
        }
        try (Running logs = kubectl.start("-n", NS, "logs", "-f", pod)) {
            on("exec", pod, "--", "sh", "-c", "echo more > /proc/1/fd/1");
            await().atMost(Duration.ofSeconds(20)).until(() -> logs.output().contains("more"));
        }
    }

    @Test
    @EnabledIf("real")
    void aShellHasATerminal() {
        String pod = kubectl.items("pods", "-n", NS, "-l", "app=web").getFirst().name();
        String shell =
                String.join(" ", kubectl.command("-n", NS, "exec", "-it", pod, "--", "sh", "-c", "'tty; exit 3'"));
        var result = Shell.run(java.util.Map.of(), "", List.of("script", "-qec", shell, "/dev/null"));
        assertThat(result.out()).contains("/dev/pts/0").contains("exit code 3");
    }
}

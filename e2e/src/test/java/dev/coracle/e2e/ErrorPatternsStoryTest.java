package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.e2e.harness.Coracle;
import dev.coracle.e2e.harness.DemoCluster;
import dev.coracle.e2e.harness.Kubectl;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The errors everyone meets, in the words everyone searches for, and the commands that lead to their cause. */
@ExtendWith(DemoCluster.class)
class ErrorPatternsStoryTest {
    private static final String NS = "errors";

    private final Coracle coracle;
    private final Kubectl kubectl;

    ErrorPatternsStoryTest(Coracle coracle, Kubectl kubectl) {
        this.coracle = coracle;
        this.kubectl = kubectl;
    }

    /** What {@code coracle why} says of something that does not work. */
    private String why(String kind, String name) {
        var told = coracle.on("why", "-n", NS, kind, name);
        assertThat(told.code()).as(told.err()).isEqualTo(1);
        return told.out();
    }

    @BeforeAll
    static void namespace(Kubectl kubectl) {
        kubectl.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: " + NS + "}\n");
    }

    @AfterAll
    static void clean(Kubectl kubectl) {
        kubectl.ok("delete", "namespace", NS);
    }

    private void pod(String name, String spec) {
        kubectl.apply("apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", namespace: " + NS + ", labels: {app: "
                + name + "}}\nspec:\n" + spec.indent(2));
    }

    private static String container(String more) {
        return "terminationGracePeriodSeconds: 1\ncontainers:\n- name: main\n  image: busybox\n  imagePullPolicy: IfNotPresent\n"
                + more.indent(2);
    }

    private String get(String... words) {
        String[] all = java.util.Arrays.copyOf(words, words.length + 2);
        all[words.length] = "-n";
        all[words.length + 1] = NS;
        return kubectl.ok(all);
    }

    private void status(String pod, String status) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(get("get", "pods")).containsPattern("(?m)^" + pod + " +0/1 +" + status + " "));
    }

    private void event(String pod, String pattern) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(get("get", "events", "--field-selector", "involvedObject.name=" + pod))
                        .containsPattern(pattern));
    }

    @Test
    void anImageThatCannotBePulledEndsInImagePullBackOff() {
        pod("no-image", "containers:\n- {name: main, image: '127.0.0.1:1/no/such:1'}\n");

        status("no-image", "ImagePullBackOff");
        event("no-image", "Warning +Failed +pod/no-image +Failed to pull image \"127.0.0.1:1/no/such:1\": ");
        event("no-image", "Normal +BackOff +pod/no-image +Back-off pulling image \"127.0.0.1:1/no/such:1\"");
        assertThat(get("describe", "pod", "no-image")).contains("Reason:       ImagePullBackOff");
        assertThat(why("pod", "no-image"))
                .contains(
                        "The image \"127.0.0.1:1/no/such:1\" of its container \"main\" lies in a registry that cannot be reached");
    }

    @Test
    void aProgramThatEndsAtOnceEndsInCrashLoopBackOffAndItsLastWordsAreKept() {
        pod("crash", container("command: [sh, -c, 'echo DB_HOST is not set; exit 3']\n"));

        status("crash", "CrashLoopBackOff");
        event("crash", "Warning +BackOff +pod/crash +Back-off restarting failed container main in pod crash_errors");
        assertThat(get("logs", "crash")).isEqualTo("DB_HOST is not set\n");
        assertThat(get("logs", "crash", "-p")).isEqualTo("DB_HOST is not set\n");
        assertThat(get("describe", "pod", "crash"))
                .containsPattern("Last State: +Terminated")
                .contains("Exit Code:    3");
        assertThat(why("pod", "crash")).contains("ends with exit code 3 by itself: DB_HOST is not set");
    }

    @Test
    void aPodThatFitsNowhereIsPendingAndTheSchedulerSaysWhy() {
        pod("too-large", container("resources: {requests: {cpu: 1000}}\n"));
        pod("nowhere", "nodeSelector: {disk: diamond}\n" + container(""));
        pod(
                "unbound",
                container("volumeMounts: [{name: d, mountPath: /d}]\n")
                        + "volumes: [{name: d, persistentVolumeClaim: {claimName: nope}}]\n");

        status("too-large", "Pending");
        status("nowhere", "Pending");
        status("unbound", "Pending");
        event(
                "too-large",
                "Warning +FailedScheduling +pod/too-large +0/3 nodes are available: 1 node\\(s\\) had untolerated taint"
                        + ".*, 2 Insufficient cpu\\.");
        event(
                "nowhere",
                "FailedScheduling +pod/nowhere +0/3 nodes are available: .*2 node\\(s\\) didn't match Pod's node"
                        + " affinity/selector");
        event("unbound", "FailedScheduling +pod/unbound +.*persistentvolumeclaim \"nope\" not found");
        assertThat(get("describe", "pod", "too-large")).contains("FailedScheduling");
        assertThat(coracle.on("why", "-n", NS).out())
                .contains("It asks for 1k of cpu, and the largest node that it could go to has ")
                .contains("No node has the labels that its nodeSelector asks for (disk=diamond).")
                .contains("wants the PersistentVolumeClaim \"nope\", which does not exist.");
    }

    @Test
    void aMissingConfigMapOrKeyIsACreateContainerConfigErrorUntilItIsThere() {
        pod("no-config", container("envFrom: [{configMapRef: {name: later}}]\ncommand: [sleep, '60']\n"));
        pod("no-secret", container("env: [{name: P, valueFrom: {secretKeyRef: {name: nope, key: password}}}]\n"));

        status("no-config", "CreateContainerConfigError");
        status("no-secret", "CreateContainerConfigError");
        event("no-config", "Warning +Failed +pod/no-config +Error: configmap \"later\" not found");
        event("no-secret", "Error: secret \"nope\" not found");
        assertThat(why("pod", "no-config")).contains("wants the ConfigMap \"later\", which does not exist in errors.");

        kubectl.apply(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: later, namespace: " + NS + "}\ndata: {A: b}\n");
        get("wait", "--for=condition=Ready", "pod/no-config", "--timeout=60s");
    }

    @Test
    void aServiceWhoseSelectorMatchesNothingHasNoEndpointsAndRefuses() {
        kubectl.apply("""
                apiVersion: v1
                kind: Service
                metadata: {name: typo, namespace: errors}
                spec: {selector: {app: wbe}, ports: [{port: 80, targetPort: 8080}]}
                """);
        pod("client", container("command: [sleep, '600']\n"));
        get("wait", "--for=condition=Ready", "pod/client", "--timeout=60s");

        await().untilAsserted(() -> assertThat(get("get", "endpoints", "typo")).containsPattern("(?m)^typo +<none> "));
        assertThat(get("describe", "service", "typo"))
                .containsPattern("Selector: +app=wbe")
                .containsPattern("(?m)^Endpoints: *$");
        var asked = kubectl.run("exec", "-n", NS, "client", "--", "wget", "-qO-", "http://typo");
        assertThat(asked.refused()).contains("Connection refused");
        assertThat(why("service", "typo")).contains("No pod has the labels of its selector, app=wbe.");
        // The name is there: it is not the DNS.
        assertThat(kubectl.ok("exec", "-n", NS, "client", "--", "nslookup", "typo.errors.svc.cluster.local"))
                .contains("Name:\ttypo.errors.svc.cluster.local");
    }
}

package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.WriteOptions;
import dev.coracle.cluster.pki.CertificateAuthority;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code create} makes from flags: where kubectl is installed, the very same object. */
class CreateTest {
    private static TestServer server;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        server = new TestServer(directory);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "deployment web --image=nginx:1 --replicas=2 --port=80",
                "deployment web --image=busybox -- sleep 9",
                "job once --image=busybox -- date -u",
                "cronjob nightly --image=busybox --schedule=0_1_*_*_* --restart=Never -- date",
                "role reader --verb=get,list --verb=watch --resource=pods,pods/log,deployments.apps --resource-name=a",
                "clusterrole all --verb=* --resource=*.* --non-resource-url=/metrics",
                "clusterrole some --verb=get --resource=*.apps,*/scale",
                "clusterrole star --verb=get --resource=*,pods",
                "clusterrole sum --aggregation-rule=rbac.example.com/add=true",
                "rolebinding b --clusterrole=view --user=eve --group=dev --serviceaccount=ns:robot",
                "rolebinding b --role=reader --user=eve",
                "clusterrolebinding b --clusterrole=view --serviceaccount=ns:robot",
                "quota q --hard=cpu=1,pods=2 --scopes=BestEffort",
                "pdb p --selector=app=web --min-available=50%",
                "pdb p --selector=app=web --max-unavailable=1",
                "priorityclass high --value=1000 --description=important --preemption-policy=Never",
                "ingress i --class=nginx --rule=a.example/x*=web:80,tls=cert --rule=a.example/y=web:http"
                        + " --rule=/=other:8080 --default-backend=web:80 --annotation=a=b",
                "service clusterip s --tcp=80:8080 --tcp=443:https",
                "service clusterip none --clusterip=None",
                "service nodeport s --tcp=80 --node-port=30080",
                "service loadbalancer s --tcp=80:8080",
                "service externalname s --external-name=example.com",
                "secret docker-registry r --docker-username=u --docker-password=p --docker-email=e@example.com",
                "configmap c --from-literal=a=b",
                "namespace n",
                "serviceaccount s"
            })
    void everyKindIsMadeAsKubectlMakesIt(String line) throws Exception {
        List<String> words = new ArrayList<>(List.of("create"));
        for (String word : line.split(" ")) {
            words.add(word.startsWith("--schedule=") ? word.replace('_', ' ') : word);
        }
        // Before what is no flag.
        int at = words.contains("--") ? words.indexOf("--") : words.size();
        words.addAll(at, List.of("--dry-run=client", "-o", "json"));
        TestServer.Result ours = server.run(words.toArray(String[]::new));
        assertThat(ours.err()).isEmpty();
        assertThat(ours.code()).isZero();
        if (Files.isExecutable(TestServer.OTHER)) {
            TestServer.Result theirs = server.other(words.toArray(String[]::new));
            assertThat(TestServer.full(Unstructured.parse(ours.out()).map()))
                    .isEqualTo(TestServer.full(Unstructured.parse(theirs.out()).map()));
        }
    }

    @Test
    void aPairIsKeptAndTwoThatAreNoneAreNot(@TempDir Path files) throws Exception {
        var authority = CertificateAuthority.create("test", new VirtualEnvironment(1).environment());
        var one = authority.server("one", List.of("one.example"));
        Path cert = Files.writeString(files.resolve("tls.crt"), one.certificate());
        Path key = Files.writeString(files.resolve("tls.key"), one.key());
        Path other = Files.writeString(
                files.resolve("other.key"),
                authority.server("two", List.of("two.example")).key());
        assertThat(server.run("create", "secret", "tls", "front", "--cert=" + cert, "--key=" + key)
                        .out())
                .isEqualTo("secret/front created\n");
        Unstructured secret =
                server.admin().get(Resources.SECRETS, "default", "front").object();
        assertThat(secret.string("type")).isEqualTo("kubernetes.io/tls");
        assertThat(secret.object("data").map()).containsOnlyKeys("tls.crt", "tls.key");
        assertThat(server.run("create", "secret", "tls", "bad", "--cert=" + cert, "--key=" + other)
                        .err())
                .isEqualTo("error: tls: private key does not match public key\n");
    }

    @Test
    void aJobIsMadeOfACronJobByHand() {
        var cronJobs = new GroupVersionResource("batch", "v1", "cronjobs");
        Unstructured cronJob = server.admin()
                .create(cronJobs, "default", Unstructured.parse("""
                                {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "nightly"}, "spec": {
                                 "schedule": "0 1 * * *", "jobTemplate": {"metadata": {"labels": {"a": "b"}}, "spec": {
                                 "template": {"spec": {"restartPolicy": "Never",
                                  "containers": [{"name": "c", "image": "busybox"}]}}}}}}
                                """), WriteOptions.DEFAULT)
                .object();
        assertThat(server.run("create", "job", "now", "--from=cronjob/nightly").out())
                .isEqualTo("job.batch/now created\n");
        Unstructured job = server.admin()
                .get(new GroupVersionResource("batch", "v1", "jobs"), "default", "now")
                .object();
        assertThat(job.annotations()).containsEntry("cronjob.kubernetes.io/instantiate", "manual");
        assertThat(job.labels()).containsEntry("a", "b");
        assertThat(job.controllerOf().orElseThrow().uid()).isEqualTo(cronJob.uid());
    }

    @Test
    void aTokenIsPrintedAndKeptNowhere() {
        assertThat(server.run("create", "serviceaccount", "robot").code()).isZero();
        String token =
                server.run("create", "token", "robot", "--duration=20m").out().strip();
        assertThat(token.split("\\.")).hasSize(3);
        assertThat(server.run("auth", "whoami", "--token=" + token).out())
                .contains("system:serviceaccount:default:robot");
    }
}

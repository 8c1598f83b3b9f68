package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fields of objects that are there are brought to values; where kubectl is installed, just as it does. */
class SetTest {
    private static final GroupVersionResource CRON_JOBS = new GroupVersionResource("batch", "v1", "cronjobs");
    private static final GroupVersionResource ROLE_BINDINGS =
            new GroupVersionResource("rbac.authorization.k8s.io", "v1", "rolebindings");

    @TempDir
    private static Path dir;

    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new TestServer(dir);
        create(Resources.CONFIG_MAPS, """
                {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {a.b: x, other: "y"}}
                """);
        create(Resources.SECRETS, """
                {apiVersion: v1, kind: Secret, metadata: {name: db}, data: {password: c2VjcmV0}}
                """);
        create(Resources.SERVICES, """
                {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}
                """);
        create(ROLE_BINDINGS, """
                {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: readers},
                 roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader},
                 subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ann}]}
                """);
        create(Resources.DEPLOYMENTS, """
                {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, labels: {tier: front}}, spec: {
                  selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {
                   initContainers: [{name: init, image: 'tool:1'}],
                   containers: [
                    {name: app, image: 'app:1', resources: {limits: {cpu: 1500m}}, env: [{name: STAGE, value: test},
                      {name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}},
                      {name: SETTING, valueFrom: {configMapKeyRef: {name: settings, key: other}}},
                      {name: ME, valueFrom: {fieldRef: {fieldPath: metadata.name}}},
                      {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]},
                    {name: proxy, image: 'proxy:1'}]}}}}
                """);
        create(CRON_JOBS, """
                {apiVersion: batch/v1, kind: CronJob, metadata: {name: nightly}, spec: {schedule: '0 1 * * *',
                  jobTemplate: {spec: {template: {spec: {restartPolicy: Never,
                   containers: [{name: job, image: 'job:1'}]}}}}}}
                """);
        Files.writeString(dir.resolve("pod.yaml"), """
                {apiVersion: v1, kind: Pod, metadata: {name: local}, spec: {containers: [{name: c, image: 'c:1'}]}}
                """);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @SuppressWarnings("unchecked")
    private static void create(GroupVersionResource resource, String yaml) {
        Unstructured o =
                new Unstructured((Map<String, Object>) Yaml.parseAll(yaml).getFirst());
        server.admin().create(resource, "default", o, WriteOptions.DEFAULT);
    }

    private static String[] words(String line) {
        return List.of(line.replace("FILE", dir.resolve("pod.yaml").toString()).split(" ")).stream()
                .map(w -> w.replace('_', ' ').replace('~', '_'))
                .toArray(String[]::new);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "set image deployment/web app=app:2",
                "set image deployment/web app=app:2 proxy=proxy:2 init=tool:2",
                "set image deploy web *=one:1",
                "set image deployment web *=one:1 app=b",
                "set image deployment/web nope=a",
                "set image deployment/web",
                "set image cronjob/nightly job=job:2",
                "set image service/web a=b",
                "set image deployment/none a=b",
                "set image deployments --all app=app:9",
                "set image deployments -l tier=front app=app:9",
                "set image deployments -l tier=back app=app:9",
                "set image deployments --all -l a=b app=app:9",
                "set image -f FILE --local c=c:2",
                "set resources deployment web --limits=cpu=200m,memory=512Mi --requests=cpu=0.5",
                "set resources deployment web -c=pro* --limits=cpu=2000m",
                "set resources deployment web -c=none --limits=cpu=200m",
                "set resources deployment web --limits=cpu",
                "set resources deployment web",
                "set resources cronjob nightly --requests=memory=1Gi",
                "set resources -f FILE --local --limits=cpu=1",
                "set sa deployment web robot",
                "set serviceaccount cronjob/nightly robot",
                "set serviceaccount deployment web",
                "set serviceaccount",
                "set selector service web app=web,tier=front",
                "set selector service/web app=other",
                "set selector deployment/web app=other",
                "set subject rolebinding readers --user=eve --group=dev --serviceaccount=shop:robot",
                "set subject rolebinding readers --user=ann",
                "set subject rolebinding readers --serviceaccount=robot",
                "set subject rolebinding readers",
                "set subject deployment web --user=ann",
                "set env deployment/web A=1 B=x=y",
                "set env deployment/web STAGE- A=1",
                "set env deployment/web STAGE-",
                "set env deployment/web A=1 A-",
                "set env deployment/web STAGE=prod -c proxy",
                "set env deployment/web STAGE=prod --overwrite=false",
                "set env deployment/web -e A=1 -e B=2",
                "set env deployment/web 1A=1",
                "set env deployment/web A=1 pod/x",
                "set env deployment/web --from=configmap/settings --keys=a.b",
                "set env deployment/web --from=secret/db --prefix=DB~",
                "set env deployment/web --from=configmap/settings --keys=other",
                "set env deployment/web --from=service/web",
                "set env deployment/web --keys=other",
                "set env deployment/web --list",
                "set env deployment/web --list --resolve",
                "set env deployment/web --list -c app",
                "set env deployments --all --list",
                "set env",
                "set env deployment/web --frob"
            })
    void bothSayAndMakeTheSame(String line) throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(TestServer.OTHER));
        if (line.contains("--list")) {
            compare(line);
            return;
        }
        if (compare(line + (line.contains("--local") ? "" : " --dry-run=server")) == 0) {
            compare(line + " --dry-run=client -o=json");
        }
    }

    /** @return the exit code of both */
    private static int compare(String line) throws Exception {
        TestServer.Result ours = server.run(words(line));
        TestServer.Result theirs = server.other(words(line));
        assertThat(ours.err()).as(line).isEqualTo(theirs.err());
        assertThat(ours.code()).as(line).isEqualTo(theirs.code());
        if (line.contains("-o=json") && !theirs.out().isEmpty()) {
            assertThat(TestServer.full(Unstructured.parse(ours.out()).get("spec")))
                    .as(line)
                    .isEqualTo(TestServer.full(Unstructured.parse(theirs.out()).get("spec")));
        } else {
            assertThat(ours.out()).as(line).isEqualTo(theirs.out());
        }
        return ours.code();
    }

    @Test
    void whatIsSetIsThere() {
        assertThat(server.run("set", "image", "cronjob/nightly", "job=job:3").out())
                .isEqualTo("cronjob.batch/nightly image updated\n");
        assertThat(server.run("set", "image", "cronjob/nightly", "job=job:3").out())
                .as("nothing to change, nothing to say")
                .isEmpty();
        Unstructured job = server.admin().get(CRON_JOBS, "default", "nightly").object();
        assertThat(job.object("spec", "jobTemplate", "spec", "template", "spec").objects("containers"))
                .singleElement()
                .satisfies(c -> assertThat(c.string("image")).isEqualTo("job:3"));
        assertThat(server.runWith("A=1\n# none\nB=2 # two\n", "set", "env", "cronjob/nightly", "-")
                        .code())
                .isZero();
        assertThat(server.run("set", "env", "cronjob/nightly", "--list").out())
                .isEqualTo("# CronJob nightly, container job\nA=1\nB=2 \n");
        assertThat(server.run("set", "subject", "rolebinding", "readers", "--user=eve")
                        .out())
                .isEqualTo("rolebinding.rbac.authorization.k8s.io/readers subjects updated\n");
        assertThat(server.admin()
                        .get(ROLE_BINDINGS, "default", "readers")
                        .object()
                        .objects("subjects"))
                .extracting(s -> s.string("name"))
                .containsExactly("ann", "eve");
    }
}

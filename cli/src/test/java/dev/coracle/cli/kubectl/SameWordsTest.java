package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Client;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same command line, given to both on the same server, must say the same. Passed over where there is no other. */
class SameWordsTest {
    @TempDir
    private static Path dir;

    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(TestServer.OTHER));
        server = new TestServer(dir);
        fill(server);
    }

    private static void fill(TestServer server) throws Exception {
        Map<String, GroupVersionResource> resources = Map.of(
                "Pod", Resources.PODS,
                "Deployment", Resources.DEPLOYMENTS,
                "ReplicaSet", Resources.REPLICA_SETS,
                "Service", Resources.SERVICES,
                "ConfigMap", Resources.CONFIG_MAPS,
                "Secret", Resources.SECRETS,
                "Node", Resources.NODES,
                "Event", Resources.EVENTS,
                "Ingress", Resources.INGRESSES,
                "EndpointSlice", Resources.ENDPOINT_SLICES);
        Client admin = server.admin();
        try (InputStream in = SameWordsTest.class.getResourceAsStream("objects.yaml")) {
            for (Object document : Yaml.parseAll(new String(in.readAllBytes(), StandardCharsets.UTF_8))) {
                @SuppressWarnings("unchecked")
                Unstructured o = new Unstructured((Map<String, Object>) document);
                GroupVersionResource r = resources.get(o.kind());
                Unstructured made =
                        admin.create(r, o.namespace(), o, WriteOptions.DEFAULT).object();
                if (o.has("status")) {
                    admin.update(r, made.copy().set(o.get("status"), "status"), WriteOptions.STATUS);
                }
            }
        }
        Unstructured web = admin.get(Resources.DEPLOYMENTS, "default", "web").object();
        var owner = new OwnerReference("apps/v1", "Deployment", "web", web.uid(), true, true);
        for (String name : List.of("web-1", "web-2")) {
            Unstructured rs =
                    admin.get(Resources.REPLICA_SETS, "default", name).object().copy();
            if (name.equals("web-2")) {
                rs.set(web.object("spec", "template").copy(), "spec", "template")
                        .set("2", "spec", "template", "metadata", "labels", "pod-template-hash");
            }
            admin.update(Resources.REPLICA_SETS, rs.addOwner(owner), WriteOptions.DEFAULT);
        }
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get nodes",
                "get pods",
                "get pod web-1-a",
                "get pods -o wide",
                "get pods -n nowhere",
                "get pods -A",
                "get pods --show-labels",
                "get pods -L app,tier",
                "get pods -l app=web --no-headers",
                "get pods nope",
                "get pod web-1-a nope",
                "get pod/web-1-a svc/web",
                "get pods,svc",
                "get deployments",
                "get deploy web -o wide",
                "get services",
                "get endpoints kubernetes",
                "get configmaps",
                "get secrets",
                "get namespaces",
                "get all -n default",
                "get all -n nowhere",
                "get events --sort-by=.lastTimestamp",
                "get pods --sort-by=.metadata.name",
                "get frobs",
                "create namespace x --verb=get",
                "create role --frob",
                "create token x --verb=get",
                "create deployment x --schedule=now --image=a",
                "create namespace a b",
                "create job x -- ls",
                "create nope x",
                "create secret nope x",
                "create svc nope",
                "create rolebinding a b --role x",
                "get pods -o name",
                "get pod web-1-a -o yaml",
                "get pod web-1-a -o json",
                "get pods -o yaml",
                "get cm odd -o yaml",
                "get cm odd -o json",
                "get secret keys -o jsonpath={.data.KEY}",
                "get pods -o jsonpath={range|.items[*]}{.metadata.name}{\"\\t\"}{.status.phase}{\"\\n\"}{end}",
                "get pod web-1-a -o jsonpath={.spec.containers[?(@.name==\"web\")].image}",
                "get pod web-1-a -o jsonpath={.metadata.labels.app\\.kubernetes\\.io/part-of}",
                "get pods -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName,GONE:.spec.gone",
                "get pods --sort-by=.metadata.creationTimestamp -o name",
                "describe pod web-1-a",
                "describe pods",
                "describe deployment web",
                "describe rs web-1",
                "describe service web",
                "describe configmap lone",
                "describe secret keys",
                "describe node node-1",
                "describe ns default",
                "describe ingress web",
                "describe pod nope",
                "describe job",
                "rollout history deployment web",
                "rollout history deployment/web --revision=1",
                "rollout history deployment/web --revision=9",
                "rollout status deployment web --watch=false",
                "rollout status deployment nope",
                "api-resources",
                "api-resources --namespaced=false -o name",
                "config get-contexts",
                "config current-context",
                "config view",
                "config use-context nope",
                "events",
                "top pods",
                "logs nope",
                "delete pod nope",
                "scale deployment nope --replicas=2",
                "label pod nope a=b",
                "annotate pod nope a=b",
                "set image deployment/nope a=b",
                "wait --for=condition=Ready pod/web-1-a --timeout=1s",
                "wait --for=jsonpath={.status.phase}=Running pod/web-1-a",
                "wait --for=condition=Ready pod/web-2-b --timeout=1s",
                "run",
                "run x --image=",
                "run x --image=nginx --restart=Nope",
                "run x --image=nginx --expose",
                "run x --image=nginx --env=A",
                "expose",
                "expose node node-1 --port=80",
                "taint nodes node-1",
                "taint nodes node-1 a=b:Nope",
                "auth nope",
                "auth can-i get",
                "auth can-i get frobs",
                "auth can-i get pods --as=nobody",
                "auth can-i --list get",
                "label",
                "label pod web-1-a a=b a-",
                "label pods --all -l app=web q=2",
                "label pod web-1-a k=-bad",
                "label pod web-1-a z=9 --field-selector=a",
                "annotate pod web-1-a a=b a-",
                "scale --replicas=2",
                "scale deployment web --replicas=abc",
                "scale deployment -l app=none --replicas=2",
                "scale pod web-1-a --replicas=2",
                "scale deployment web --replicas=2 --dry-run=client",
                "autoscale deployment nope --max=2",
                "autoscale pod web-1-a --max=4",
                "rollout nope",
                "rollout status pod web-1-a",
                "rollout status deployment -l app=none",
                "rollout history deployment",
                "rollout history deployment web --revision=abc",
                "rollout pause pod web-1-a",
                "rollout undo deployment web --to-revision=-1",
                "rollout undo deployment web --dry-run=client",
                "patch pod web-1-a",
                "patch pod web-1-a -p {",
                "patch pod web-1-a -p {} --type=nope",
                "patch pod web-1-a -p {} --patch-file=x",
                "patch pod web-1-a --patch-file=/nowhere/x",
                "patch pod web-1-a --type=json -p [{\"op\":\"remove\",\"path\":\"/metadata/labels/nope\"}]",
                "patch pod web-1-a --dry-run=client -p {\"metadata\":{\"labels\":{\"p\":\"7\"}}} -o"
                        + " jsonpath={.metadata.labels.p}",
                "patch deployment web --dry-run=client -o jsonpath={..containers[*].image} -p"
                        + " {\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"q\"}]}}}}",
                "delete",
                "delete pod web-1-a --dry-run=server",
                "delete pod web-1-a --dry-run=server -o name",
                "delete pod web-1-a --cascade=nope",
                "delete pod web-1-a --grace-period=5 --force",
                "delete pod web-1-a --timeout=abc",
                "delete pod web-1-a --wait=abc",
                "delete pod web-1-a -o yaml",
                "delete pods --all -l app=web",
                "delete pod nope --ignore-not-found",
                "wait pod web-1-a --for=nope",
                "wait pods -l app=none --for=condition=Ready",
                "get pods -l !a(",
                "get pods --field-selector=nope=1",
                "get pods --watch=abc",
                "get pod/web-1-a/x",
                "get pods,",
                "get deployments.v2.apps web",
                "get deploy web --subresource=scale",
                "get pods -o jsonpath=",
                "get pods -o custom-columns-file=/nowhere/x",
                "get --raw /healthz pods",
                "get --raw nope",
                "get --raw=",
                "get --raw /nope",
                "get --raw /api/v1/namespaces/default/pods/nope",
                "get --raw /healthz -o yaml",
                "get --raw /healthz -w",
                "get --raw /a%zz",
                "get --raw :8080/x",
                "get --raw /api/v1/namespaces/default/configmaps?labelSelector=a||b",
                "delete --raw /api/v1/namespaces/default/pods/nope",
                "delete --raw /nope -o name",
                "delete --raw /api/v1/namespaces/default/pods/nope -f /nowhere",
                "delete --raw /nope --all -l a",
                "delete --raw /nope --now --grace-period=1",
                "create --raw /nope",
                "create --raw nope -f /dev/null",
                "create --raw /nope -f a -R",
                "create --raw /nope -f /nowhere",
                "create --raw /nope -f /nowhere x",
                "create --raw /api/v1/namespaces/default/configmaps -f -",
                "create deployment x --raw /nope --image=x",
                "replace --raw /nope -f https://x",
                "replace --raw /nope -f /dev/null --grace-period=1",
                "replace --raw /api/v1/namespaces/default/configmaps -f /dev/null",
                "get pods -o go-template={{range|.items}}{{.metadata.name}}{{len|.spec.containers}}{{end}}",
                "get pods -o go-template={{.items}}",
                "get deploy web -o go-template={{index|.spec.template.spec.containers|1}}",
                "get deploy web -o go-template={{.kind.x}}",
                "get deploy web -o go-template={{.kind",
                "get pods -o go-template",
                "get pods --template={{.kind}}",
                "get pods -o wide --template={{.kind}}",
                "get pods -o nope=x",
                "get pod web-1-a -o jsonpath={.metadata.managedFields[0].operation}",
                "label pod web-1-a --template={{.metadata.labels.x}} x=y --dry-run=client",
                "label pod web-1-a x=y -o custom-columns=A:.b",
                "scale deployment web --replicas=7 -o wide",
                "wait pod web-1-a --for=create --template={{.kind}}",
                "config view -o jsonpath={.contexts[*].name}",
                "rollout history deployment web -o yaml",
                "rollout history deployment web -o jsonpath={.metadata.name} --revision=1",
                "rollout history deployment web -o yaml --revision=9",
                "rollout history deployment web --revision=-1",
                "rollout history deployment web --template={{.metadata.name}}",
                "auth reconcile x",
                "auth reconcile -f /nowhere",
                "auth reconcile -f /nowhere --dry-run=server",
                "auth can-i get pods --remove-extra-subjects",
                "cluster-info",
                "cluster-info dump -o nope",
                "cluster-info dump -o name",
                "cluster-info dump --output-directory=/proc/x",
                "cluster-info dump --template={{.kind}}| --namespaces=kube-system",
                "proxy --port=1 --unix-socket=/nowhere/s",
                "proxy --port=99999",
                "get pods --context=nope",
                "get pod nope --ignore-not-found -o yaml",
                "set nope",
                "top nope",
                "attach",
                "port-forward web-1-a",
                "diff --frob",
                "config nope",
                "api-resources x",
                "api-resources -o nope",
                "version -o nope",
                "wait --for=delete pod/nope --timeout=1s"
            })
    void both(String line) throws Exception {
        String[] words =
                Arrays.stream(line.split(" ")).map(w -> w.replace('|', ' ')).toArray(String[]::new);
        TestServer.Result ours = server.run(words);
        TestServer.Result theirs = server.other(words);
        assertThat(still(ours.out())).isEqualTo(still(theirs.out()));
        assertThat(still(ours.err())).isEqualTo(still(theirs.err()));
        assertThat(ours.code()).isEqualTo(theirs.code());
    }

    /** The same files, and the same in them. */
    @Test
    void bothDump() throws Exception {
        Client admin = server.admin();
        admin.create(Resources.NAMESPACES, "", Unstructured.of("v1", "Namespace", "", "quiet"), WriteOptions.DEFAULT);
        admin.create(
                Resources.SERVICE_ACCOUNTS,
                "quiet",
                Unstructured.of("v1", "ServiceAccount", "quiet", "default"),
                WriteOptions.DEFAULT);
        // On no node, so that there is nobody to be asked for its logs.
        admin.create(
                Resources.PODS,
                "quiet",
                Unstructured.of("v1", "Pod", "quiet", "idle")
                        .set(
                                List.of(Map.of("name", "a", "image", "x"), Map.of("name", "b", "image", "x")),
                                "spec",
                                "containers"),
                WriteOptions.DEFAULT);
        Map<String, Object> mine = dumped("mine-dump", server::run);
        assertThat(mine).containsKeys("nodes.yaml", "quiet/pods.yaml", "kube-system/events.yaml");
        assertThat(mine.get("quiet/idle/logs.txt"))
                .asString()
                .contains("==== START logs for container b of pod quiet/idle");
        assertThat(mine).isEqualTo(dumped("other-dump", server::other));
    }

    private interface Command {
        TestServer.Result run(String... words) throws Exception;
    }

    private static Map<String, Object> dumped(String name, Command command) throws Exception {
        Path to = dir.resolve(name);
        TestServer.Result r = command.run(
                "cluster-info", "dump", "-o", "yaml", "--namespaces=quiet,kube-system", "--output-directory=" + to);
        assertThat(r).isEqualTo(new TestServer.Result(0, "Cluster info dumped to " + to + "\n", ""));
        Map<String, Object> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(to)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(file);
                // Go writes what has no value, too.
                Object content = file.toString().endsWith(".txt")
                        ? text
                        : TestServer.full(Yaml.parseAll(
                                text.replaceAll("(?m)^ *(daemonEndpoints|kubeletEndpoint|Port):.*\n", "")));
                files.put(to.relativize(file).toString(), content);
            }
        }
        return files;
    }

    /** Each on a server of its own, for what one has changed the other cannot change again. */
    @Test
    void bothChange() throws Exception {
        String text;
        try (InputStream in = SameWordsTest.class.getResourceAsStream("access.yaml")) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Path granted = Files.writeString(dir.resolve("granted.yaml"), text);
        // Another verb, another resource, another user, another label, another role.
        Path others = Files.writeString(
                dir.resolve("others.yaml"),
                text.replace("[get, list]", "[get]")
                        .replace("services", "nodes")
                        .replace("jane", "joe")
                        .replace("a: b", "c: d")
                        .replace("kind: Role, name: writer", "kind: Role, name: other"));
        Path mine = Files.createDirectory(dir.resolve("mine"));
        Path other = Files.createDirectory(dir.resolve("other"));
        try (var a = new TestServer(mine);
                var b = new TestServer(other)) {
            fill(a);
            fill(b);
            for (String line : List.of(
                    "run x --image=nginx --port=80 --expose",
                    "run x --image=nginx",
                    "expose deployment web --name=web2",
                    "expose pod x --port=80 --name=p1 -o name",
                    "taint nodes node-1 a=b:NoSchedule --dry-run=server",
                    "taint nodes node-1 a=b:NoSchedule",
                    "label pod web-1-a a=b -o name",
                    "label pod web-1-a a=b --resource-version=1 --overwrite",
                    "label pods --field-selector=metadata.name=web-1-a fs=1",
                    "annotate pods -l app=web q=2",
                    "scale deployment web --replicas=3 --current-replicas=9",
                    "scale deployment web --replicas=3 -o name",
                    "scale deployment/web deployment/nope --replicas=1",
                    "autoscale deployment web --max=4",
                    "rollout pause deployment web",
                    "rollout pause deployment web",
                    "rollout resume deployment web -o name",
                    "rollout undo deployment web --to-revision=1",
                    "patch pod web-1-a -p {\"metadata\":{\"labels\":{\"p\":\"1\"}}}",
                    "patch pod web-1-a -p {\"metadata\":{\"labels\":{\"p\":\"1\"}}}",
                    "patch deployment web -p {\"spec\":{\"replicas\":5}} --subresource=scale --type=merge",
                    "auth reconcile -f " + granted + " --dry-run=client",
                    "auth reconcile -f " + granted,
                    "auth reconcile -f " + granted,
                    "auth reconcile -f " + others + " --dry-run=client --remove-extra-permissions",
                    "auth reconcile -f " + others,
                    "auth reconcile -f " + others + " --remove-extra-permissions --remove-extra-subjects -o name",
                    "auth reconcile -f " + granted + " -n fresh",
                    "get clusterroles reader -o jsonpath={.rules}{.metadata.labels}",
                    "get clusterrolebindings readers -o jsonpath={.subjects}",
                    "get rolebindings,roles -A -o name",
                    "get ns fresh -o name",
                    "delete cm lone --cascade=orphan --wait=false",
                    "delete cm odd -o name",
                    "get all,cm -o name")) {
                String[] words = line.split(" ");
                TestServer.Result ours = a.run(words);
                TestServer.Result theirs = b.other(words);
                assertThat(still(ours.out())).as(line).isEqualTo(still(theirs.out()));
                assertThat(still(ours.err())).as(line).isEqualTo(still(theirs.err()));
                assertThat(ours.code()).as(line).isEqualTo(theirs.code());
            }
        }
    }

    /** The clock goes on between the two; and an age of one more digit moves what stands behind it. */
    private static String still(String text) {
        return text.replaceAll("\\b[0-9]+s\\b *", "Ns ")
                // Said in 1.32; since then as we say it.
                .replace("ConfigMapOptional:       <nil>", "Optional:                false")
                // Shown up to 1.33.
                .replaceAll(" *creationTimestamp: null\n", "");
    }
}

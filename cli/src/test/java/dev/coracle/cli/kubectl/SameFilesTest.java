package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files with something wrong in them, given to both, each on a server of its own: both must say the same. */
class SameFilesTest {
    private static final Map<String, String> FILES = Map.ofEntries(
            Map.entry("good", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: v}}"),
            Map.entry("unknown", "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}, dataa: {k: v}}"),
            Map.entry(
                    "unknown-a",
                    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, lables: {x: y}}, dataa: {k: v}}"),
            Map.entry("twice", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {k: v, k: w}}"),
            Map.entry("kindless", "{apiVersion: v1, metadata: {name: d}}"),
            Map.entry("versionless", "{kind: ConfigMap, metadata: {name: d}}"),
            Map.entry("nameless", "{apiVersion: v1, kind: ConfigMap, metadata: {lables: {a: b}}}"),
            Map.entry("wrong", "{apiVersion: v1, kind: ConfigMap, metadata: {name: e}, data: [1]}"),
            Map.entry("invalid", "{apiVersion: v1, kind: ConfigMap, metadata: {name: A_B}}"),
            Map.entry(
                    "pod",
                    "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, imagee: x}]}}"),
            Map.entry("generated", "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: g-}}"),
            Map.entry(
                    "stale",
                    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, resourceVersion: '1'}, data: {k: z}}"),
            Map.entry("many", """
                    # a comment
                    ---
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: many}
                    spec:
                      hostNetwork: yes
                      restartPolicy: ~
                      containers:
                      - &c {name: c, image: busybox, stdin: on, command: [a, "no"]}
                      - {<<: *c, name: d}
                      volumes:
                      - {name: s, secret: {secretName: s, defaultMode: 0400}}
                    ---
                    ---
                    {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "ConfigMap",
                     "metadata": {"name": "in-list"}, "data": {"a": "0644"}}]}
                    """));

    @TempDir
    private Path dir;

    @Test
    void whatIsWrongInAFileIsToldTheSame() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(TestServer.OTHER));
        for (var e : FILES.entrySet()) {
            Files.writeString(dir.resolve(e.getKey() + ".yaml"), e.getValue());
        }
        try (var a = new TestServer(Files.createDirectory(dir.resolve("mine")));
                var b = new TestServer(Files.createDirectory(dir.resolve("other")))) {
            for (String line : List.of(
                    "create -f good --validate=nope",
                    "create -f good --dry-run=server --validate",
                    "create -f unknown",
                    "create -f unknown --validate=strict",
                    "create -f twice",
                    "create -f kindless",
                    "create -f kindless --validate=false",
                    "create -f versionless",
                    "create -f nameless",
                    "create -f wrong",
                    "create -f invalid",
                    "create -f pod",
                    "create -f unknown --validate=warn -o name",
                    "replace -f unknown",
                    "replace -f unknown --validate=warn",
                    "replace -f unknown --validate=false",
                    "replace -f nameless",
                    "replace -f invalid",
                    "apply -f good",
                    "apply -f unknown-a",
                    "apply -f unknown-a --validate=warn",
                    "apply -f unknown-a --validate=false",
                    "apply -f unknown-a --server-side",
                    "apply -f unknown-a --server-side --validate=false",
                    "apply -f twice",
                    "apply -f twice --validate=warn",
                    "apply -f twice --server-side --force-conflicts",
                    "apply -f wrong",
                    "apply -f invalid",
                    "apply -f pod",
                    "apply -f kindless",
                    "apply -f nameless",
                    "apply -f generated",
                    "apply -f stale",
                    "apply -f many",
                    "create -f many --dry-run=server",
                    "delete -f kindless",
                    "get -f unknown -o name",
                    "patch cm a -p {\"dataa\":{\"x\":\"y\"}}",
                    "patch cm a --type=merge -p {\"dataa\":{\"x\":\"y\"}}",
                    "label cm a x=y",
                    "get cm -o name")) {
                String[] words =
                        line.replaceAll("-f (\\S+)", "-f " + dir + "/$1.yaml").split(" ");
                TestServer.Result ours = a.run(words);
                TestServer.Result theirs = b.other(words);
                assertThat(ours).as(line).isEqualTo(theirs);
            }
        }
    }
}

package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Rules for one container. */
final class ContainerRules {
    private static final List<String> REFERENCES =
            List.of("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef");

    /** In which of a pod's lists it is. */
    enum Kind {
        MAIN,
        INIT,
        EPHEMERAL
    }

    private final Findings findings;
    private final Set<String> volumes;
    private final Kind kind;
    private final boolean host;
    private final String restartPolicy;

    /**
     * @param volumes the pod's
     * @param host whether the pod lives in the node's network
     * @param restartPolicy the pod's
     */
    ContainerRules(Findings findings, Set<String> volumes, Kind kind, boolean host, String restartPolicy) {
        this.findings = findings;
        this.volumes = volumes;
        this.kind = kind;
        this.host = host;
        this.restartPolicy = restartPolicy;
    }

    /** @param names of containers seen so far, of all kinds; {@code hostPorts} of those of this kind */
    void check(Unstructured c, String path, Set<String> names, Set<String> hostPorts) {
        String name = c.string("name");
        if (findings.needed(c, path, "name")) {
            findings.invalid(path + ".name", name, Names.label(name));
            if (!names.add(name)) {
                findings.duplicate(path + ".name", name);
            }
        }
        if (findings.needed(c, path, "image")
                && !c.string("image").equals(c.string("image").strip())) {
            findings.invalid(path + ".image", c.string("image"), "must not have leading or trailing whitespace");
        }
        findings.oneOf(c, path, "imagePullPolicy", "Always", "IfNotPresent", "Never");
        findings.oneOf(c, path, "terminationMessagePolicy", "File", "FallbackToLogsOnError");
        ports(c, path, hostPorts);
        List<Unstructured> env = c.objects("env");
        for (int i = 0; i < env.size(); i++) {
            variable(env.get(i), path + ".env[" + i + "]");
        }
        List<Unstructured> envFrom = c.objects("envFrom");
        for (int i = 0; i < envFrom.size(); i++) {
            variables(envFrom.get(i), path + ".envFrom[" + i + "]");
        }
        new ResourceRules(findings).container(c.object("resources"), path + ".resources");
        if (kind != Kind.EPHEMERAL) {
            new ResourceRules(findings).resizePolicy(c.objects("resizePolicy"), path + ".resizePolicy", restartPolicy);
        }
        mounts(c, path);
        if (kind != Kind.EPHEMERAL) {
            hooks(c, path);
        }
        privileges(c.object("securityContext"), path + ".securityContext");
    }

    /** What forbids to gain privileges and gives them contradicts itself: one of the two would be a lie. */
    private void privileges(Unstructured context, String path) {
        for (String id : List.of("runAsUser", "runAsGroup")) {
            long value = context.integer(0, id);
            if (value < 0 || value > Integer.MAX_VALUE) {
                findings.invalid(path + "." + id, value, "must be between 0 and 2147483647, inclusive");
            }
        }
        if (!context.has("allowPrivilegeEscalation") || context.bool("allowPrivilegeEscalation")) {
            return;
        }
        if (context.bool("privileged")) {
            findings.invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        }
        if (context.stringList("capabilities", "add").contains("CAP_SYS_ADMIN")) {
            findings.invalid(
                    path,
                    context,
                    "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
        }
    }

    private void ports(Unstructured c, String path, Set<String> hostPorts) {
        List<Unstructured> ports = c.objects("ports");
        Set<String> names = new HashSet<>();
        for (int i = 0; i < ports.size(); i++) {
            Unstructured p = ports.get(i);
            String at = path + ".ports[" + i + "]";
            String name = p.string("name");
            if (!name.isEmpty()) {
                findings.invalid(at + ".name", name, Names.portName(name));
                if (!names.add(name)) {
                    findings.duplicate(at + ".name", name);
                }
            }
            long port = p.integer(0, "containerPort");
            if (port == 0) {
                findings.required(at + ".containerPort", "");
            } else {
                findings.invalid(at + ".containerPort", port, Names.portNumber(port));
            }
            long hostPort = p.integer(0, "hostPort");
            if (hostPort != 0) {
                findings.invalid(at + ".hostPort", hostPort, Names.portNumber(hostPort));
                if (host && hostPort != port) {
                    findings.invalid(at + ".containerPort", port, "must match `hostPort` when `hostNetwork` is true");
                }
                String key = p.string("protocol") + "/" + p.string("hostIP") + "/" + hostPort;
                if (kind == Kind.MAIN && !hostPorts.add(key)) {
                    findings.duplicate(at + ".hostPort", key);
                }
            }
            findings.oneOf(p, at, "protocol", "SCTP", "TCP", "UDP");
        }
    }

    private void variable(Unstructured e, String path) {
        if (findings.needed(e, path, "name")) {
            findings.invalid(path + ".name", e.string("name"), Names.environmentVariable(e.string("name")));
        }
        if (!e.has("valueFrom")) {
            return;
        }
        List<String> given =
                REFERENCES.stream().filter(r -> e.has("valueFrom", r)).toList();
        if (given.isEmpty()) {
            findings.invalid(
                    path + ".valueFrom",
                    "",
                    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or"
                            + " `fileKeyRef`");
        } else if (!e.string("value").isEmpty()) {
            findings.invalid(path + ".valueFrom", "", "may not be specified when `value` is not empty");
        } else if (given.size() > 1) {
            findings.invalid(path + ".valueFrom", "", "may not have more than one field specified at a time");
        }
        for (String r : List.of("configMapKeyRef", "secretKeyRef")) {
            if (e.has("valueFrom", r)) {
                findings.needed(e, path, "valueFrom", r, "name");
                if (findings.needed(e, path, "valueFrom", r, "key")) {
                    String key = e.string("valueFrom", r, "key");
                    findings.invalid(path + ".valueFrom." + r + ".key", key, Names.configKey(key));
                }
            }
        }
        if (e.has("valueFrom", "fieldRef")) {
            findings.needed(e, path, "valueFrom", "fieldRef", "fieldPath");
        }
        if (e.has("valueFrom", "resourceFieldRef")) {
            findings.needed(e, path, "valueFrom", "resourceFieldRef", "resource");
        }
    }

    private void variables(Unstructured e, String path) {
        int given = 0;
        for (String r : List.of("configMapRef", "secretRef")) {
            if (e.has(r)) {
                given++;
                findings.needed(e, path, r, "name");
            }
        }
        if (given == 0) {
            findings.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
        } else if (given > 1) {
            findings.invalid(path, "", "may not have more than one field specified at a time");
        }
    }

    private void mounts(Unstructured c, String path) {
        List<Unstructured> mounts = c.objects("volumeMounts");
        Set<String> paths = new HashSet<>();
        for (int i = 0; i < mounts.size(); i++) {
            Unstructured m = mounts.get(i);
            String at = path + ".volumeMounts[" + i + "]";
            if (findings.needed(m, at, "name") && !volumes.contains(m.string("name"))) {
                findings.notFound(at + ".name", m.string("name"));
            }
            if (findings.needed(m, at, "mountPath") && !paths.add(m.string("mountPath"))) {
                findings.invalid(at + ".mountPath", m.string("mountPath"), "must be unique");
            }
            var files = new VolumeRules(findings);
            if (!m.string("subPath").isEmpty()) {
                files.relative(m.string("subPath"), at + ".subPath");
            }
            if (!m.string("subPathExpr").isEmpty()) {
                if (!m.string("subPath").isEmpty()) {
                    findings.invalid(
                            at + ".subPathExpr",
                            m.string("subPathExpr"),
                            "subPathExpr and subPath are mutually exclusive");
                }
                files.relative(m.string("subPathExpr"), at + ".subPathExpr");
            }
        }
    }

    private void hooks(Unstructured c, String path) {
        var probes = new ProbeRules(findings);
        boolean init = kind == Kind.INIT;
        boolean ends = init && !c.string("restartPolicy").equals("Always");
        if (init && !c.string("restartPolicy").isEmpty() && ends) {
            findings.notSupported(path + ".restartPolicy", c.string("restartPolicy"), "Always");
        }
        for (String field : List.of("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")) {
            if (!c.has(field)) {
                continue;
            }
            if (ends) {
                findings.forbidden(
                        path + "." + field, "may not be set for init containers without restartPolicy=Always");
            } else if (field.equals("lifecycle")) {
                probes.lifecycle(c.object(field), path + "." + field);
            } else {
                probes.probe(c.object(field), path + "." + field, field.equals("readinessProbe"));
            }
        }
    }
}

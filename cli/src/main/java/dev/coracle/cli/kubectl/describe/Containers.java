package dev.coracle.cli.kubectl.describe;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The containers of a pod or a template. */
final class Containers {
    private Containers() {}

    /**
     * @param statuses by the container's name; empty for a template
     * @param space what templates are indented by more
     * @param pod resolves fields in the environment; null for a template
     */
    static void write(
            Description d,
            String title,
            List<Unstructured> containers,
            Map<String, Unstructured> statuses,
            String space,
            @Nullable Unstructured pod) {
        d.line(space + title + ":" + (containers.isEmpty() ? " <none>" : ""));
        for (Unstructured c : containers) {
            Unstructured status = statuses.get(c.string("name"));
            basics(d, c, status, space);
            words(d, "Command", c.stringList("command"));
            words(d, "Args", c.stringList("args"));
            if (status != null) {
                state(d, "State", status.object("state"));
                if (status.has("lastState", "terminated")) {
                    state(d, "Last State", status.object("lastState"));
                }
                d.line(2, "Ready:\t" + Description.bool(status.bool("ready")));
                d.line(2, "Restart Count:\t" + status.integer(0, "restartCount"));
            }
            resources(d, 2, c.object("resources"));
            probe(d, "Liveness", c.object("livenessProbe"));
            probe(d, "Readiness", c.object("readinessProbe"));
            probe(d, "Startup", c.object("startupProbe"));
            environment(d, c, pod);
            mounts(d, c);
        }
    }

    private static void basics(Description d, Unstructured c, @Nullable Unstructured status, String space) {
        d.line(1, (space.isEmpty() ? "" : " ") + c.string("name") + ":");
        if (status != null) {
            d.line(2, "Container ID:\t" + status.string("containerID"));
        }
        d.line(2, "Image:\t" + c.string("image"));
        if (status != null) {
            d.line(2, "Image ID:\t" + status.string("imageID"));
        }
        String ports = ports(c, "containerPort");
        d.line(2, (ports.contains(",") ? "Ports:\t" : "Port:\t") + Description.orNone(ports));
        String hostPorts = ports(c, "hostPort");
        d.line(2, (hostPorts.contains(",") ? "Host Ports:\t" : "Host Port:\t") + Description.orNone(hostPorts));
        if (c.has("securityContext", "seccompProfile")) {
            d.line(2, "SeccompProfile:\t" + c.string("securityContext", "seccompProfile", "type"));
        }
    }

    private static String ports(Unstructured c, String field) {
        return c.objects("ports").stream()
                .map(p -> p.integer(0, field) + "/" + p.stringOr("TCP", "protocol"))
                .collect(Collectors.joining(", "));
    }

    private static void words(Description d, String title, List<String> words) {
        if (!words.isEmpty()) {
            d.line(2, title + ":");
            words.forEach(w -> w.lines().forEach(l -> d.line(3, l)));
        }
    }

    private static void state(Description d, String title, Unstructured state) {
        if (state.has("running")) {
            d.line(2, title + ":\tRunning");
            d.line(3, "Started:\t" + d.time(state.time("running", "startedAt")));
            return;
        }
        Unstructured t = state.object("terminated");
        if (t.map().isEmpty()) {
            d.line(2, title + ":\tWaiting");
            String reason = state.string("waiting", "reason");
            if (!reason.isEmpty()) {
                d.line(3, "Reason:\t" + reason);
            }
            return;
        }
        d.line(2, title + ":\tTerminated");
        if (!t.string("reason").isEmpty()) {
            d.line(3, "Reason:\t" + t.string("reason"));
        }
        if (!t.string("message").isEmpty()) {
            d.line(3, "Message:\t" + t.string("message"));
        }
        d.line(3, "Exit Code:\t" + t.integer(0, "exitCode"));
        if (t.integer(0, "signal") > 0) {
            d.line(3, "Signal:\t" + t.integer(0, "signal"));
        }
        d.line(3, "Started:\t" + d.time(t.time("startedAt")));
        d.line(3, "Finished:\t" + d.time(t.time("finishedAt")));
    }

    static void resources(Description d, int level, Unstructured resources) {
        for (String list : List.of("limits", "requests")) {
            if (!resources.object(list).map().isEmpty()) {
                d.line(level, list.equals("limits") ? "Limits:" : "Requests:");
                new TreeMap<>(resources.strings(list)).forEach((k, v) -> d.line(level + 1, k + ":\t" + v));
            }
        }
    }

    private static void probe(Description d, String title, Unstructured p) {
        if (p.map().isEmpty()) {
            return;
        }
        String attributes = "delay=" + p.integer(0, "initialDelaySeconds") + "s timeout="
                + p.integer(0, "timeoutSeconds") + "s period=" + p.integer(0, "periodSeconds") + "s #success="
                + p.integer(0, "successThreshold") + " #failure=" + p.integer(0, "failureThreshold");
        String how;
        if (p.has("exec")) {
            how = "exec [" + String.join(" ", p.stringList("exec", "command")) + "]";
        } else if (p.has("httpGet")) {
            String path = p.string("httpGet", "path");
            how = "http-get " + p.stringOr("http", "httpGet", "scheme").toLowerCase(java.util.Locale.ROOT) + "://"
                    + p.string("httpGet", "host") + ":" + Description.scalar(p.get("httpGet", "port"))
                    + (path.startsWith("/") || path.isEmpty() ? path : "/" + path);
        } else if (p.has("tcpSocket")) {
            how = "tcp-socket " + p.string("tcpSocket", "host") + ":" + Description.scalar(p.get("tcpSocket", "port"));
        } else if (p.has("grpc")) {
            how = "grpc <pod>:" + p.integer(0, "grpc", "port") + " " + p.string("grpc", "service");
        } else {
            how = "unknown";
        }
        d.line(2, title + ":\t" + how + " " + attributes);
    }

    private static void environment(Description d, Unstructured c, @Nullable Unstructured pod) {
        if (!c.objects("envFrom").isEmpty()) {
            d.line(2, "Environment Variables from:");
            for (Unstructured e : c.objects("envFrom")) {
                boolean secret = e.has("secretRef");
                Unstructured ref = e.object(secret ? "secretRef" : "configMapRef");
                String prefix = e.string("prefix");
                d.line(
                        3,
                        ref.string("name") + "\t" + (secret ? "Secret" : "ConfigMap")
                                + (prefix.isEmpty() ? "" : " with prefix '" + prefix + "'") + "\tOptional: "
                                + ref.bool("optional"));
            }
        }
        List<Unstructured> env = c.objects("env");
        d.line(2, "Environment:" + (env.isEmpty() ? "\t<none>" : ""));
        for (Unstructured e : env) {
            String name = e.string("name");
            Unstructured from = e.object("valueFrom");
            if (from.has("fieldRef")) {
                String path = from.string("fieldRef", "fieldPath");
                d.line(
                        3,
                        name + ":\t" + field(pod, path) + " (" + from.stringOr("v1", "fieldRef", "apiVersion") + ":"
                                + path + ")");
            } else if (from.has("resourceFieldRef")) {
                String resource = from.string("resourceFieldRef", "resource");
                d.line(3, name + ":\t" + resource(c, from.object("resourceFieldRef")) + " (" + resource + ")");
            } else if (from.has("secretKeyRef")) {
                d.line(
                        3,
                        name + ":\t<set to the key '" + from.string("secretKeyRef", "key") + "' in secret '"
                                + from.string("secretKeyRef", "name") + "'>\tOptional: "
                                + from.bool("secretKeyRef", "optional"));
            } else if (from.has("configMapKeyRef")) {
                d.line(
                        3,
                        name + ":\t<set to the key '" + from.string("configMapKeyRef", "key")
                                + "' of config map '" + from.string("configMapKeyRef", "name") + "'>\tOptional: "
                                + from.bool("configMapKeyRef", "optional"));
            } else {
                String[] lines = e.string("value").split("\n", -1);
                d.line(3, name + ":\t" + lines[0]);
                for (int i = 1; i < lines.length; i++) {
                    d.line(3, "\t" + lines[i]);
                }
            }
        }
    }

    private static String field(@Nullable Unstructured pod, String path) {
        if (pod == null) {
            return "";
        }
        if (path.startsWith("metadata.labels['")) {
            return pod.labels().getOrDefault(path.substring(17, path.length() - 2), "");
        }
        if (path.startsWith("metadata.annotations['")) {
            return pod.annotations().getOrDefault(path.substring(22, path.length() - 2), "");
        }
        return pod.string(path.split("\\."));
    }

    /** In whole divisors, rounded up. */
    private static String resource(Unstructured c, Unstructured reference) {
        String[] path = reference.string("resource").split("\\.", 2);
        Quantity value = path.length < 2 ? Quantity.ZERO : Quantity.of(c.get("resources", path[0], path[1]));
        Quantity divisor = Quantity.of(reference.get("divisor"));
        double unit = divisor.isZero() ? 1 : divisor.doubleValue();
        return "" + (long) Math.ceil(value.doubleValue() / unit);
    }

    private static void mounts(Description d, Unstructured c) {
        List<Unstructured> mounts = new ArrayList<>(c.objects("volumeMounts"));
        mounts.sort(Comparator.comparing(m -> m.string("mountPath")));
        d.line(2, "Mounts:" + (mounts.isEmpty() ? "\t<none>" : ""));
        for (Unstructured m : mounts) {
            String flags = (m.bool("readOnly") ? "ro" : "rw")
                    + (m.string("subPath").isEmpty() ? "" : ",path=\"" + m.string("subPath") + "\"");
            d.line(3, m.string("mountPath") + " from " + m.string("name") + " (" + flags + ")");
        }
        List<Unstructured> devices = c.objects("volumeDevices");
        if (!devices.isEmpty()) {
            d.line(2, "Devices:");
            devices.forEach(v -> d.line(3, v.string("devicePath") + " from " + v.string("name")));
        }
    }
}

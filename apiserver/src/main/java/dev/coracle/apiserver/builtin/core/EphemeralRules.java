package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What holds of ephemeral containers besides the rules for every container: they are for looking around, so nothing is
 * promised of them and nothing reserved for them, and they stay until the pod goes.
 */
final class EphemeralRules {
    private static final String MIRROR = "kubernetes.io/config.mirror";
    private static final String NOT_HERE = "cannot be set for an Ephemeral Container";

    private static final Set<String> FIELDS = Set.of(
            "name",
            "image",
            "command",
            "args",
            "workingDir",
            "envFrom",
            "env",
            "volumeMounts",
            "volumeDevices",
            "terminationMessagePath",
            "terminationMessagePolicy",
            "imagePullPolicy",
            "securityContext",
            "stdin",
            "stdinOnce",
            "tty",
            "targetContainerName");

    private final Findings findings;

    EphemeralRules(Findings findings) {
        this.findings = findings;
    }

    /** @param path of the list */
    void check(Unstructured spec, String path) {
        Set<String> others = new HashSet<>();
        for (String list : List.of("containers", "initContainers")) {
            spec.objects(list).forEach(c -> others.add(c.string("name")));
        }
        List<Unstructured> all = spec.objects("ephemeralContainers");
        for (int i = 0; i < all.size(); i++) {
            Unstructured c = all.get(i);
            String at = path + "[" + i + "]";
            for (String field : new TreeSet<>(c.map().keySet())) {
                if (!FIELDS.contains(field) && !isEmpty(c.get(field))) {
                    findings.forbidden(at + "." + field, NOT_HERE);
                }
            }
            List<Unstructured> mounts = c.objects("volumeMounts");
            for (int m = 0; m < mounts.size(); m++) {
                for (String field : List.of("subPath", "subPathExpr")) {
                    if (!mounts.get(m).string(field).isEmpty()) {
                        findings.forbidden(at + ".volumeMounts[" + m + "]." + field, NOT_HERE);
                    }
                }
            }
            String target = c.string("targetContainerName");
            if (!target.isEmpty() && !others.contains(target)) {
                findings.notFound(at + ".targetContainerName", target);
            }
        }
    }

    private static boolean isEmpty(@Nullable Object value) {
        return value == null
                || value.equals("")
                || value instanceof Map<?, ?> m && m.isEmpty()
                || value instanceof List<?> l && l.isEmpty();
    }

    void checkUpdate(Unstructured pod, Unstructured old) {
        if (old.annotations().containsKey(MIRROR)) {
            findings.forbidden("", "static pods do not support ephemeral containers");
            return;
        }
        List<Unstructured> now = pod.objects("spec", "ephemeralContainers");
        for (Unstructured before : old.objects("spec", "ephemeralContainers")) {
            String name = before.string("name");
            Optional<Unstructured> after =
                    now.stream().filter(c -> c.string("name").equals(name)).findFirst();
            String what = "existing ephemeral containers \"" + name + "\" may not be ";
            if (after.isEmpty()) {
                findings.forbidden("spec.ephemeralContainers", what + "removed\n");
            } else if (!after.get().equals(before)) {
                findings.forbidden("spec.ephemeralContainers", what + "changed\n");
            }
        }
    }
}

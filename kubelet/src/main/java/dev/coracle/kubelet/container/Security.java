package dev.coracle.kubelet.container;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService.SecurityContext;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The effective security context: what the container says goes before what the pod says. */
final class Security {
    private final Unstructured pod;
    private final Unstructured container;

    Security(Unstructured pod, Unstructured container) {
        this.pod = pod;
        this.container = container;
    }

    private @Nullable Object effective(String field) {
        Object own = container.get("securityContext", field);
        return own != null ? own : pod.get("spec", "securityContext", field);
    }

    private @Nullable Long number(String field) {
        return effective(field) instanceof Number n ? n.longValue() : null;
    }

    /** @throws ConfigException when it asks for what the runtime cannot do */
    SecurityContext context() {
        List<Long> groups = new ArrayList<>();
        Object fsGroup = pod.get("spec", "securityContext", "fsGroup");
        if (fsGroup instanceof Number n) {
            groups.add(n.longValue());
        }
        pod.stringList("spec", "securityContext", "supplementalGroups").forEach(g -> groups.add(Long.parseLong(g)));
        boolean privileged = container.bool("securityContext", "privileged");
        return new SecurityContext(
                privileged,
                number("runAsUser"),
                number("runAsGroup"),
                groups,
                container.bool("securityContext", "readOnlyRootFilesystem"),
                Boolean.FALSE.equals(container.get("securityContext", "allowPrivilegeEscalation")),
                container.stringList("securityContext", "capabilities", "add"),
                container.stringList("securityContext", "capabilities", "drop"),
                seccompUnconfined());
    }

    /** Without a profile upstream's kubelet confines nothing. */
    private boolean seccompUnconfined() {
        String type = effective("seccompProfile") instanceof java.util.Map<?, ?> m ? String.valueOf(m.get("type")) : "";
        if (type.equals("Localhost")) {
            throw new ConfigException("seccomp profiles of type Localhost are not supported");
        }
        return !type.equals("RuntimeDefault");
    }

    /** @param imageUser the image's user: name, uid or uid:gid */
    void verifyNonRoot(String imageUser) {
        if (!Boolean.TRUE.equals(effective("runAsNonRoot"))) {
            return;
        }
        String where = "(pod: \"" + pod.name() + "_" + pod.namespace() + "(" + pod.uid() + ")\", container: "
                + container.string("name") + ")";
        Long user = number("runAsUser");
        if (user != null) {
            if (user == 0) {
                throw new ConfigException("container's runAsUser breaks non-root policy " + where);
            }
            return;
        }
        String name = imageUser.split(":")[0];
        if (name.isEmpty() || name.equals("0")) {
            throw new ConfigException("container has runAsNonRoot and image will run as root " + where);
        }
        if (!name.chars().allMatch(Character::isDigit)) {
            throw new ConfigException("container has runAsNonRoot and image has non-numeric user (" + name
                    + "), cannot verify user is non-root " + where);
        }
    }
}

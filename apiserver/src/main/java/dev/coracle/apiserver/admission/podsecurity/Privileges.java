package dev.coracle.apiserver.admission.podsecurity;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** As whom a container runs, and what that one may do. */
final class Privileges {
    /** What container runtimes give anyway. */
    private static final Set<String> USUAL = Set.of(
            "AUDIT_WRITE",
            "CHOWN",
            "DAC_OVERRIDE",
            "FOWNER",
            "FSETID",
            "KILL",
            "MKNOD",
            "NET_BIND_SERVICE",
            "SETFCAP",
            "SETGID",
            "SETPCAP",
            "SETUID",
            "SYS_CHROOT");

    private static final String CONTEXT = "securityContext";

    private Privileges() {}

    static Function<Subject, Optional<Violation>> exceptOnWindows(Function<Subject, Optional<Violation>> test) {
        return p -> p.isWindows() ? Optional.empty() : test.apply(p);
    }

    static Function<Subject, Optional<Violation>> unlessUsersOfItsOwn(Function<Subject, Optional<Violation>> test) {
        return p -> p.hasUsersOfItsOwn() ? Optional.empty() : test.apply(p);
    }

    static Optional<Violation> privileged(Subject pod) {
        return Violation.by(
                pod.those(c -> c.bool(CONTEXT, "privileged")),
                "privileged",
                "must not set securityContext.privileged=true");
    }

    static Optional<Violation> escalation(Subject pod) {
        return Violation.by(
                pod.those(c -> !Boolean.FALSE.equals(c.get(CONTEXT, "allowPrivilegeEscalation"))),
                "allowPrivilegeEscalation != false",
                "must set securityContext.allowPrivilegeEscalation=false");
    }

    static Optional<Violation> capabilitiesAdded(Subject pod) {
        var added = new TreeSet<String>();
        pod.containers().forEach(c -> added.addAll(unusual(c, USUAL)));
        List<String> bad = pod.those(c -> !unusual(c, USUAL).isEmpty());
        return Violation.by(bad, "non-default capabilities", mustNotAdd(added));
    }

    static Optional<Violation> capabilitiesDropped(Subject pod) {
        List<String> keep =
                pod.those(c -> !c.stringList(CONTEXT, "capabilities", "drop").contains("ALL"));
        List<String> details = new ArrayList<>();
        if (!keep.isEmpty()) {
            details.add(Violation.containers(keep) + " must set securityContext.capabilities.drop=[\"ALL\"]");
        }
        Set<String> allowed = Set.of("NET_BIND_SERVICE");
        List<String> bad = pod.those(c -> !unusual(c, allowed).isEmpty());
        if (!bad.isEmpty()) {
            var added = new TreeSet<String>();
            pod.containers().forEach(c -> added.addAll(unusual(c, allowed)));
            details.add(Violation.containers(bad) + " " + mustNotAdd(added));
        }
        return details.isEmpty()
                ? Optional.empty()
                : Optional.of(new Violation("unrestricted capabilities", String.join("; ", details)));
    }

    private static List<String> unusual(Unstructured container, Set<String> allowed) {
        return container.stringList(CONTEXT, "capabilities", "add").stream()
                .filter(c -> !allowed.contains(c))
                .toList();
    }

    private static String mustNotAdd(Collection<String> capabilities) {
        return "must not include " + Violation.quoted(capabilities) + " in securityContext.capabilities.add";
    }

    static Optional<Violation> nonRoot(Subject pod) {
        String reason = "runAsNonRoot != true";
        Object whole = pod.spec().get(CONTEXT, "runAsNonRoot");
        Optional<Violation> explicit = Violation.by(
                Boolean.FALSE.equals(whole),
                pod.those(c -> Boolean.FALSE.equals(c.get(CONTEXT, "runAsNonRoot"))),
                reason,
                "must not set securityContext.runAsNonRoot=false");
        if (explicit.isPresent() || Boolean.TRUE.equals(whole)) {
            return explicit;
        }
        List<String> silent = pod.those(c -> !c.has(CONTEXT, "runAsNonRoot"));
        return silent.isEmpty()
                ? Optional.empty()
                : Optional.of(new Violation(
                        reason,
                        "pod or " + Violation.containers(silent) + " must set securityContext.runAsNonRoot=true"));
    }

    static Optional<Violation> user(Subject pod) {
        return Violation.by(
                isRoot(pod.spec()), pod.those(Privileges::isRoot), "runAsUser=0", "must not set runAsUser=0");
    }

    private static boolean isRoot(Unstructured podOrContainer) {
        return podOrContainer.has(CONTEXT, "runAsUser") && podOrContainer.integer(-1, CONTEXT, "runAsUser") == 0;
    }

    static Optional<Violation> windowsHostProcess(Subject pod) {
        return Violation.by(
                pod.spec().bool(CONTEXT, "windowsOptions", "hostProcess"),
                pod.those(c -> c.bool(CONTEXT, "windowsOptions", "hostProcess")),
                "hostProcess",
                "must not set securityContext.windowsOptions.hostProcess=true");
    }
}

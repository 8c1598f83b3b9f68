package dev.coracle.apiserver.admission.podsecurity;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What the kernel's guards make of a container: AppArmor, SELinux, seccomp. */
final class Profiles {
    private static final String APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";
    static final String SECCOMP_OF_POD = "seccomp.security.alpha.kubernetes.io/pod";
    static final String SECCOMP_OF_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/";
    private static final Set<String> GOOD = Set.of("Localhost", "RuntimeDefault");
    private static final Set<String> SELINUX_TYPES = Set.of("", "container_t", "container_init_t", "container_kvm_t");

    private Profiles() {}

    private static boolean isBad(Unstructured podOrContainer, String profile) {
        return podOrContainer.has("securityContext", profile)
                && !GOOD.contains(podOrContainer.string("securityContext", profile, "type"));
    }

    /** The types that make pod or containers bad. */
    private static TreeSet<String> badTypes(Subject pod, String profile) {
        var types = new TreeSet<String>();
        List<Unstructured> all = new ArrayList<>(pod.containers());
        all.add(pod.spec());
        all.stream()
                .filter(o -> isBad(o, profile))
                .forEach(o -> types.add(o.string("securityContext", profile, "type")));
        return types;
    }

    // ---- AppArmor

    static Optional<Violation> appArmor(Subject pod) {
        String profile = "appArmorProfile";
        List<String> who = new ArrayList<>();
        if (isBad(pod.spec(), profile)) {
            who.add("pod");
        }
        List<String> containers = pod.those(c -> isBad(c, profile));
        if (!containers.isEmpty()) {
            who.add(Violation.containers(containers));
        }
        List<String> values = new ArrayList<>(badTypes(pod, profile));
        List<String> annotations = pod.annotations().entrySet().stream()
                .filter(a -> a.getKey().startsWith(APP_ARMOR) && !goodAppArmor(a.getValue()))
                .map(Profiles::shown)
                .sorted()
                .toList();
        if (!annotations.isEmpty()) {
            who.add(Violation.plural("annotation", annotations));
            values.addAll(annotations);
        }
        return who.isEmpty()
                ? Optional.empty()
                : Optional.of(new Violation(
                        Violation.plural("forbidden AppArmor profile", values),
                        String.join(" and ", who) + " must not set AppArmor profile type to "
                                + Violation.quoted(values)));
    }

    private static boolean goodAppArmor(String profile) {
        return profile.isEmpty() || profile.equals("runtime/default") || profile.startsWith("localhost/");
    }

    private static String shown(Map.Entry<String, String> annotation) {
        return annotation.getKey() + "=" + Json.string(annotation.getValue());
    }

    // ---- SELinux

    /** @param since the minor version whose list of types counts */
    static Optional<Violation> seLinux(Subject pod, int since) {
        List<Unstructured> all = new ArrayList<>(pod.containers());
        all.add(pod.spec());
        var types = new TreeSet<String>();
        all.stream().map(Profiles::seLinuxType).filter(t -> !allowed(t, since)).forEach(types::add);
        List<String> what = new ArrayList<>();
        if (!types.isEmpty()) {
            what.add(Violation.plural("type", types) + " " + Violation.quoted(types));
        }
        for (String part : List.of("user", "role")) {
            if (all.stream()
                    .anyMatch(o ->
                            !o.string("securityContext", "seLinuxOptions", part).isEmpty())) {
                what.add(part + " may not be set");
            }
        }
        return Violation.by(
                isBadSeLinux(pod.spec(), since),
                pod.those(c -> isBadSeLinux(c, since)),
                "seLinuxOptions",
                "set forbidden securityContext.seLinuxOptions: " + String.join("; ", what));
    }

    private static String seLinuxType(Unstructured podOrContainer) {
        return podOrContainer.string("securityContext", "seLinuxOptions", "type");
    }

    private static boolean allowed(String type, int since) {
        return SELINUX_TYPES.contains(type) || since >= 31 && type.equals("container_engine_t");
    }

    private static boolean isBadSeLinux(Unstructured podOrContainer, int since) {
        Unstructured options = podOrContainer.object("securityContext", "seLinuxOptions");
        return !allowed(options.string("type"), since)
                || !options.string("user").isEmpty()
                || !options.string("role").isEmpty();
    }

    // ---- seccomp

    /** As it was before there were fields for it. */
    static Optional<Violation> seccompAnnotations(Subject pod) {
        Set<String> keys = new TreeSet<>(pod.those(c -> true));
        var bad = new TreeSet<String>();
        for (Map.Entry<String, String> a : pod.annotations().entrySet()) {
            boolean about = a.getKey().equals(SECCOMP_OF_POD)
                    || a.getKey().startsWith(SECCOMP_OF_CONTAINER)
                            && keys.contains(a.getKey().substring(SECCOMP_OF_CONTAINER.length()));
            if (about && !goodSeccomp(a.getValue())) {
                bad.add(shown(a));
            }
        }
        return bad.isEmpty()
                ? Optional.empty()
                : Optional.of(new Violation(
                        "seccompProfile",
                        "forbidden " + Violation.plural("annotation", bad) + " " + String.join(", ", bad)));
    }

    private static boolean goodSeccomp(String profile) {
        return profile.equals("runtime/default")
                || profile.equals("docker/default")
                || profile.startsWith("localhost/");
    }

    static Optional<Violation> seccomp(Subject pod) {
        return Violation.by(
                isBad(pod.spec(), "seccompProfile"),
                pod.those(c -> isBad(c, "seccompProfile")),
                "seccompProfile",
                "must not set securityContext.seccompProfile.type to "
                        + Violation.quoted(badTypes(pod, "seccompProfile")));
    }

    static Optional<Violation> seccompNeeded(Subject pod) {
        Optional<Violation> explicit = seccomp(pod);
        if (explicit.isPresent() || pod.spec().has("securityContext", "seccompProfile")) {
            return explicit;
        }
        List<String> silent = pod.those(c -> !c.has("securityContext", "seccompProfile"));
        return silent.isEmpty()
                ? Optional.empty()
                : Optional.of(new Violation(
                        "seccompProfile",
                        "pod or " + Violation.containers(silent)
                                + " must set securityContext.seccompProfile.type to \"RuntimeDefault\" or"
                                + " \"Localhost\""));
    }
}

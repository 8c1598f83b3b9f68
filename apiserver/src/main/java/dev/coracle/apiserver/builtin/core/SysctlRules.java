package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.os.Namespaces;
import dev.coracle.machinery.os.Sysctl;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Rules for the kernel settings that a pod asks for. Which of them it gets is the kubelet's to say. */
final class SysctlRules {
    private final Findings findings;

    SysctlRules(Findings findings) {
        this.findings = findings;
    }

    /** @param path where the list is: {@code spec.securityContext.sysctls} */
    void check(Unstructured spec, String path) {
        List<Unstructured> sysctls = spec.objects("securityContext", "sysctls");
        Set<String> names = new HashSet<>();
        for (int i = 0; i < sysctls.size(); i++) {
            String name = sysctls.get(i).string("name");
            String at = path + "[" + i + "].name";
            if (name.isEmpty()) {
                findings.required(at, "");
            } else if (!Sysctl.isName(name)) {
                String why = "must have at most " + Sysctl.LONGEST + " characters and match regex " + Sysctl.FORMAT;
                findings.invalid(at, name, why);
            } else if (names.contains(name)) {
                findings.duplicate(at, name);
            }
            names.add(name);
            shared(spec, name, at);
        }
    }

    /** A pod in the host's namespace would set the host's value. */
    private void shared(Unstructured spec, String name, String path) {
        Optional<Namespaces.Kind> namespace = Sysctl.namespace(name);
        if (namespace.isEmpty()) {
            return;
        }
        if (namespace.get() == Namespaces.Kind.NET && spec.bool("hostNetwork")) {
            findings.invalid(path, name, "may not be specified when 'hostNetwork' is true");
        } else if (namespace.get() == Namespaces.Kind.IPC && spec.bool("hostIPC")) {
            findings.invalid(path, name, "may not be specified when 'hostIPC' is true");
        }
    }
}

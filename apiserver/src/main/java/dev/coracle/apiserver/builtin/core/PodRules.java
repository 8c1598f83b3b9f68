package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Addresses;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.MetadataRules;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Rules for a pod's spec, in a pod or in a template. */
public final class PodRules {
    private static final int MAX_NAMESERVERS = 3;
    private static final int MAX_SEARCHES = 32;

    private final Findings findings;

    public PodRules(Findings findings) {
        this.findings = findings;
    }

    /** @param path where the spec is: {@code spec} or {@code spec.template.spec} */
    public void spec(Unstructured spec, String path) {
        spec(spec, path, Set.of());
    }

    /** @param claims volumes that each pod will get beside those of the spec */
    public void spec(Unstructured spec, String path, Set<String> claims) {
        Set<String> volumes = new HashSet<>(new VolumeRules(findings).check(spec, path));
        volumes.addAll(claims);
        new PodClaimRules(findings).claims(spec.objects("resourceClaims"), path + ".resourceClaims");
        containers(spec, path, volumes);
        findings.oneOf(spec, path, "restartPolicy", "Always", "OnFailure", "Never");
        findings.oneOf(spec, path, "dnsPolicy", "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
        if (spec.string("dnsPolicy").equals("None")
                && spec.stringList("dnsConfig", "nameservers").isEmpty()) {
            findings.required(path + ".dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None");
        }
        names(spec, path);
        findings.notNegative(spec, path, "terminationGracePeriodSeconds");
        if (spec.has("activeDeadlineSeconds")) {
            long seconds = spec.integer(0, "activeDeadlineSeconds");
            if (seconds < 1 || seconds > Integer.MAX_VALUE) {
                findings.invalid(
                        path + ".activeDeadlineSeconds", seconds, "must be between 1 and 2147483647, inclusive");
            }
        }
        new MetadataRules(findings).labels(spec.strings("nodeSelector"), path + ".nodeSelector");
        named(spec, path, "serviceAccountName");
        named(spec, path, "nodeName");
        named(spec, path, "priorityClassName");
        named(spec, path, "runtimeClassName");
        for (String field : new String[] {"hostname", "subdomain"}) {
            if (!spec.string(field).isEmpty()) {
                findings.invalid(path + "." + field, spec.string(field), Names.label(spec.string(field)));
            }
        }
        user(spec.object("securityContext"), path + ".securityContext");
        new SysctlRules(findings).check(spec, path + ".securityContext.sysctls");
        tolerations(spec.objects("tolerations"), path + ".tolerations");
        affinity(spec, path);
        List<Unstructured> constraints = spec.objects("topologySpreadConstraints");
        for (int i = 0; i < constraints.size(); i++) {
            spread(constraints.get(i), path + ".topologySpreadConstraints[" + i + "]");
        }
    }

    /** What goes into the pod's {@code /etc/hosts} and {@code /etc/resolv.conf}, where a line break would add lines. */
    private void names(Unstructured spec, String path) {
        List<Unstructured> aliases = spec.objects("hostAliases");
        for (int i = 0; i < aliases.size(); i++) {
            String at = path + ".hostAliases[" + i + "]";
            address(aliases.get(i).string("ip"), at + ".ip");
            List<String> hosts = aliases.get(i).stringList("hostnames");
            for (int j = 0; j < hosts.size(); j++) {
                findings.invalid(at + ".hostnames[" + j + "]", hosts.get(j), Names.subdomain(hosts.get(j)));
            }
        }
        String dns = path + ".dnsConfig.";
        List<String> servers = spec.stringList("dnsConfig", "nameservers");
        if (servers.size() > MAX_NAMESERVERS) {
            findings.invalid(
                    dns + "nameservers", servers, "must not have more than " + MAX_NAMESERVERS + " nameservers");
        }
        for (int i = 0; i < servers.size(); i++) {
            address(servers.get(i), dns + "nameservers[" + i + "]");
        }
        List<String> searches = spec.stringList("dnsConfig", "searches");
        if (searches.size() > MAX_SEARCHES) {
            findings.invalid(dns + "searches", searches, "must not have more than " + MAX_SEARCHES + " search paths");
        }
        for (int i = 0; i < searches.size(); i++) {
            String search = searches.get(i);
            String bare = search.endsWith(".") ? search.substring(0, search.length() - 1) : search;
            if (!search.equals(".")) {
                findings.invalid(dns + "searches[" + i + "]", bare, Names.subdomain(bare));
            }
        }
        List<Unstructured> options = spec.objects("dnsConfig", "options");
        for (int i = 0; i < options.size(); i++) {
            if (options.get(i).string("name").isEmpty()) {
                findings.required(dns + "options[" + i + "]", "must not be empty");
            }
        }
    }

    private void address(String ip, String path) {
        findings.invalid(path, ip, Addresses.any(ip));
    }

    private void containers(Unstructured spec, String path, Set<String> volumes) {
        if (spec.objects("containers").isEmpty()) {
            findings.required(path + ".containers", "");
        }
        boolean host = spec.bool("hostNetwork");
        Set<String> names = new HashSet<>();
        for (String list : List.of("containers", "initContainers", "ephemeralContainers")) {
            ContainerRules.Kind kind = switch (list) {
                case "containers" -> ContainerRules.Kind.MAIN;
                case "initContainers" -> ContainerRules.Kind.INIT;
                default -> ContainerRules.Kind.EPHEMERAL;
            };
            Set<String> hostPorts = new HashSet<>();
            List<Unstructured> containers = spec.objects(list);
            for (int i = 0; i < containers.size(); i++) {
                var rules = new ContainerRules(findings, volumes, kind, host, spec.string("restartPolicy"));
                String at = path + "." + list + "[" + i + "]";
                rules.check(containers.get(i), at, names, hostPorts);
                new PodClaimRules(findings).container(containers.get(i), spec.objects("resourceClaims"), at);
                procMount(spec, containers.get(i), at + ".securityContext.procMount");
            }
        }
        new EphemeralRules(findings).check(spec, path + ".ephemeralContainers");
    }

    /** All of {@code /proc} is for those alone whose root is not the node's. */
    private void procMount(Unstructured spec, Unstructured container, String path) {
        Unstructured context = container.object("securityContext");
        if (!context.has("procMount")) {
            return;
        }
        String mount = context.string("procMount");
        if (!mount.equals("Default") && !mount.equals("Unmasked")) {
            findings.notSupported(path, mount, "Default", "Unmasked");
        }
        if (mount.equals("Unmasked") && !Boolean.FALSE.equals(spec.get("hostUsers"))) {
            findings.invalid(path, mount, "`hostUsers` must be false to use `Unmasked`");
        }
    }

    private void named(Unstructured spec, String path, String field) {
        String value = spec.string(field);
        if (!value.isEmpty()) {
            findings.invalid(path + "." + field, value, Names.subdomain(value));
        }
    }

    private void user(Unstructured context, String path) {
        for (String id : new String[] {"runAsUser", "runAsGroup", "fsGroup"}) {
            long value = context.integer(0, id);
            if (value < 0 || value > Integer.MAX_VALUE) {
                findings.invalid(path + "." + id, value, "must be between 0 and 2147483647, inclusive");
            }
        }
    }

    public void tolerations(List<Unstructured> tolerations, String path) {
        for (int i = 0; i < tolerations.size(); i++) {
            toleration(tolerations.get(i), path + "[" + i + "]");
        }
    }

    private void toleration(Unstructured t, String path) {
        String operator = t.string("operator");
        if (!t.string("key").isEmpty()) {
            findings.invalid(path + ".key", t.string("key"), Names.qualified(t.string("key")));
        } else if (!operator.equals("Exists")) {
            findings.invalid(
                    path + ".operator",
                    operator,
                    "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        }
        if (t.has("tolerationSeconds") && !t.string("effect").equals("NoExecute")) {
            findings.invalid(
                    path + ".effect", t.string("effect"), "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }
        switch (operator) {
            case "", "Equal" ->
                findings.invalid(path + ".operator", t.string("value"), Names.labelValue(t.string("value")));
            case "Exists" -> {
                if (!t.string("value").isEmpty()) {
                    findings.invalid(path + ".operator", t, "value must be empty when `operator` is 'Exists'");
                }
            }
            default -> findings.notSupported(path + ".operator", operator, "Equal", "Exists");
        }
        if (!t.string("effect").isEmpty()) {
            findings.oneOf(t, path, "effect", "NoSchedule", "PreferNoSchedule", "NoExecute");
        }
    }

    private void affinity(Unstructured spec, String path) {
        for (String kind : List.of("podAffinity", "podAntiAffinity")) {
            String required = "requiredDuringSchedulingIgnoredDuringExecution";
            String preferred = "preferredDuringSchedulingIgnoredDuringExecution";
            String at = path + ".affinity." + kind + ".";
            List<Unstructured> terms = spec.objects("affinity", kind, required);
            for (int i = 0; i < terms.size(); i++) {
                topologyKey(terms.get(i), at + required + "[" + i + "]");
            }
            List<Unstructured> weighted = spec.objects("affinity", kind, preferred);
            for (int i = 0; i < weighted.size(); i++) {
                String here = at + preferred + "[" + i + "]";
                long weight = weighted.get(i).integer(0, "weight");
                if (weight < 1 || weight > 100) {
                    findings.invalid(here + ".weight", weight, "must be in the range 1-100");
                }
                topologyKey(weighted.get(i).object("podAffinityTerm"), here + ".podAffinityTerm");
            }
        }
        if (spec.has("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
                && spec.objects(
                                "affinity",
                                "nodeAffinity",
                                "requiredDuringSchedulingIgnoredDuringExecution",
                                "nodeSelectorTerms")
                        .isEmpty()) {
            findings.required(
                    path + ".affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms",
                    "must have at least one node selector term");
        }
    }

    private void topologyKey(Unstructured term, String path) {
        if (term.string("topologyKey").isEmpty()) {
            findings.required(path + ".topologyKey", "can not be empty");
        }
    }

    private void spread(Unstructured c, String path) {
        if (c.integer(0, "maxSkew") <= 0) {
            findings.invalid(path + ".maxSkew", c.integer(0, "maxSkew"), "must be greater than zero");
        }
        if (c.string("topologyKey").isEmpty()) {
            findings.required(path + ".topologyKey", "can not be empty");
        }
        findings.oneOf(c, path, "whenUnsatisfiable", "DoNotSchedule", "ScheduleAnyway");
    }
}

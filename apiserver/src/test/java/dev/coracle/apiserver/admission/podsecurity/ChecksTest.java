package dev.coracle.apiserver.admission.podsecurity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each rule finds, and in which words. */
class ChecksTest {
    /** All that {@code restricted} wants. */
    private static final String GOOD = """
            securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
            containers:
            - {name: a, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}
            """;

    @SuppressWarnings("unchecked")
    private static Unstructured tree(String yaml) {
        return new Unstructured((Map<String, Object>) Yaml.parseAll(yaml).getFirst());
    }

    private static String broken(String standard, String spec) {
        return broken(standard, spec, Map.of());
    }

    private static String broken(String standard, String spec, Map<String, String> annotations) {
        String[] parts = standard.split(":");
        var s = new Standard(
                Level.parse(parts[0]).orElseThrow(), Standard.version(parts[1]).orElseThrow());
        return Violation.details(Check.violations(Checks.ALL, s, new Subject(annotations, tree(spec))));
    }

    @Test
    void aPodThatSaysNothingBreaksAllThatRestrictedWantsSaid() {
        String silent = "containers: [{name: a}, {name: b}]";
        assertThat(broken("privileged:latest", silent)).isEmpty();
        assertThat(broken("baseline:latest", silent)).isEmpty();
        assertThat(broken("restricted:latest", silent))
                .isEqualTo("allowPrivilegeEscalation != false (containers \"a\", \"b\" must set"
                        + " securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (containers"
                        + " \"a\", \"b\" must set securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true"
                        + " (pod or containers \"a\", \"b\" must set securityContext.runAsNonRoot=true),"
                        + " seccompProfile (pod or containers \"a\", \"b\" must set"
                        + " securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")");
        assertThat(broken("restricted:latest", GOOD)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            baseline   | {hostNetwork: true, hostIPC: true}                   | host namespaces (hostNetwork=true, hostIPC=true)
            baseline   | {volumes: [{name: v, hostPath: {path: /}}]}          | hostPath volumes (volume "v")
            restricted | {volumes: [{name: v, hostPath: {path: /}}, {name: w, nfs: {}}, {name: x, secret: {}}, {name: 'y'}]} | restricted volume types (volumes "v", "w", "y" use restricted volume types "hostPath", "nfs", "unknown")
            baseline   | {containers: [{name: a, ports: [{hostPort: 80}, {hostPort: 443}]}]} | hostPort (container "a" uses hostPorts 443, 80)
            baseline   | {containers: [{name: a, livenessProbe: {httpGet: {host: 10.0.0.1}}}, {name: b, lifecycle: {preStop: {tcpSocket: {host: h}}}}]} | probe or lifecycle host (containers "a", "b" use probe or lifecycle hosts "10.0.0.1", "h")
            baseline   | {initContainers: [{name: a, securityContext: {privileged: true}}]} | privileged (container "a" must not set securityContext.privileged=true)
            baseline   | {ephemeralContainers: [{name: e, securityContext: {privileged: true}}]} | privileged (container "e" must not set securityContext.privileged=true)
            baseline   | {containers: [{name: a, securityContext: {capabilities: {add: [SYS_ADMIN, CHOWN, NET_RAW]}}}]} | non-default capabilities (container "a" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)
            baseline   | {containers: [{name: a, securityContext: {procMount: Unmasked}}]} | procMount (container "a" must not set securityContext.procMount to "Unmasked")
            baseline   | {securityContext: {appArmorProfile: {type: Unconfined}}, containers: [{name: a, securityContext: {appArmorProfile: {type: Unconfined}}}]} | forbidden AppArmor profile (pod and container "a" must not set AppArmor profile type to "Unconfined")
            baseline   | {securityContext: {seLinuxOptions: {type: spc_t, user: u}}, containers: [{name: a, securityContext: {seLinuxOptions: {role: r}}}]} | seLinuxOptions (pod and container "a" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set)
            baseline   | {securityContext: {seccompProfile: {type: Unconfined}}} | seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")
            baseline   | {securityContext: {sysctls: [{name: kernel.msgmax}, {name: net.ipv4.tcp_rmem}]}} | forbidden sysctls (kernel.msgmax)
            baseline   | {securityContext: {windowsOptions: {hostProcess: true}}} | hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)
            """)
    void whatBreaksARule(String level, String spec, String told) {
        assertThat(broken("privileged:latest", spec)).isEmpty();
        assertThat(broken(level + ":latest", spec)).isEqualTo(told);
    }

    @Test
    void whatRestrictedForbidsEvenWhereItIsSaid() {
        String loud = """
                securityContext: {runAsUser: 0, runAsNonRoot: false, seccompProfile: {type: Localhost}}
                containers:
                - name: a
                  securityContext:
                    allowPrivilegeEscalation: true
                    capabilities: {drop: [ALL], add: [NET_BIND_SERVICE, CHOWN]}
                    runAsUser: 0
                    seccompProfile: {type: Unconfined}
                """;
        assertThat(broken("restricted:latest", loud))
                .isEqualTo("allowPrivilegeEscalation != false (container \"a\" must set"
                        + " securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container"
                        + " \"a\" must not include \"CHOWN\" in securityContext.capabilities.add), runAsNonRoot != true"
                        + " (pod must not set securityContext.runAsNonRoot=false), runAsUser=0 (pod and container"
                        + " \"a\" must not set runAsUser=0), seccompProfile (container \"a\" must not set"
                        + " securityContext.seccompProfile.type to \"Unconfined\")");
    }

    @Test
    void releasesHadOtherRules() {
        String probe = "containers: [{name: a, livenessProbe: {tcpSocket: {host: h}}}]";
        assertThat(broken("baseline:v1.33", probe)).isEmpty();
        assertThat(broken("baseline:v1.34", probe)).startsWith("probe or lifecycle host");
        String keepalive = "securityContext: {sysctls: [{name: net.ipv4.tcp_keepalive_time}]}";
        assertThat(broken("baseline:v1.28", keepalive)).startsWith("forbidden sysctls");
        assertThat(broken("baseline:v1.29", keepalive)).isEmpty();
        String engine = "securityContext: {seLinuxOptions: {type: container_engine_t}}";
        assertThat(broken("baseline:v1.30", engine)).startsWith("seLinuxOptions");
        assertThat(broken("baseline:v1.31", engine)).isEmpty();
        String windows = "os: {name: windows}\nsecurityContext: {runAsNonRoot: true}\ncontainers: [{name: a}]";
        assertThat(broken("restricted:v1.24", windows)).contains("allowPrivilegeEscalation", "seccompProfile");
        assertThat(broken("restricted:v1.25", windows)).isEmpty();
        assertThat(broken("restricted:v1.7", "containers: [{name: a}]")).doesNotContain("allowPrivilegeEscalation");
        Map<String, String> unconfined = Map.of("seccomp.security.alpha.kubernetes.io/pod", "unconfined");
        assertThat(broken("baseline:v1.18", "containers: []", unconfined))
                .isEqualTo("seccompProfile (forbidden annotation"
                        + " seccomp.security.alpha.kubernetes.io/pod=\"unconfined\")");
        assertThat(broken("baseline:v1.19", "containers: []", unconfined)).isEmpty();
        assertThat(broken("baseline:v1.999", probe)).startsWith("probe or lifecycle host");
    }

    @Test
    void rootInsideUsersOfItsOwnIsNoRoot() {
        String mapped = GOOD.replace("runAsNonRoot: true", "runAsNonRoot: false, runAsUser: 0") + "hostUsers: false\n";
        assertThat(broken("restricted:v1.34", mapped)).contains("runAsNonRoot", "runAsUser");
        assertThat(broken("restricted:v1.35", mapped)).isEmpty();
        String unmasked = "hostUsers: false\ncontainers: [{name: a, securityContext: {procMount: Unmasked}}]";
        assertThat(broken("baseline:latest", unmasked)).isEmpty();
        assertThat(broken("restricted:latest", unmasked)).contains("procMount (container \"a\"");
    }

    @Test
    void anAppArmorAnnotationCounts() {
        Map<String, String> annotations = Map.of(
                "container.apparmor.security.beta.kubernetes.io/a", "unconfined",
                "container.apparmor.security.beta.kubernetes.io/b", "localhost/mine");
        assertThat(broken("baseline:latest", "containers: [{name: a}]", annotations))
                .isEqualTo("forbidden AppArmor profile (annotation must not set AppArmor profile type to"
                        + " \"container.apparmor.security.beta.kubernetes.io/a=\"unconfined\"\")");
    }

    @Test
    void labelsSayHowStrictANamespaceIs() {
        String p = "pod-security.kubernetes.io/";
        Policy strict = Policy.of(Map.of(p + "enforce", "restricted", p + "enforce-version", "v1.30"));
        assertThat(strict.enforce()).hasToString("restricted:v1.30");
        assertThat(strict.warn()).hasToString("restricted:v1.30");
        assertThat(Policy.of(Map.of(p + "enforce", "baseline", p + "warn", "privileged"))
                        .warn())
                .hasToString("privileged:latest");
        Policy none = Policy.of(Map.of());
        assertThat(none.enforce()).hasToString("privileged:latest");
        Policy wrong = Policy.of(Map.of(p + "enforce", "Baseline", p + "warn", "x", p + "audit-version", "v1.01"));
        assertThat(wrong.enforce()).hasToString("restricted:latest");
        assertThat(wrong.warn()).hasToString("privileged:latest");
        assertThat(wrong.errors().stream()
                        .map(c -> c.field() + ": " + c.message())
                        .collect(Collectors.toList()))
                .isEqualTo(List.of(
                        "metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"Baseline\": must be one of"
                                + " privileged, baseline, restricted",
                        "metadata.labels[pod-security.kubernetes.io/audit-version]: Invalid value: \"v1.01\": must be"
                                + " \"latest\" or \"v1.x\"",
                        "metadata.labels[pod-security.kubernetes.io/warn]: Invalid value: \"x\": must be one of"
                                + " privileged, baseline, restricted"));
    }
}

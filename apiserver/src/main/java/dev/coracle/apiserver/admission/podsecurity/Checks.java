package dev.coracle.apiserver.admission.podsecurity;

import static dev.coracle.apiserver.admission.podsecurity.Level.BASELINE;
import static dev.coracle.apiserver.admission.podsecurity.Level.RESTRICTED;

import java.util.List;
import java.util.Map;

/** All rules, in the order in which their violations are told. */
final class Checks {
    static final List<Check> ALL = List.of(
            Check.of(BASELINE, "appArmorProfile", Map.of(0, Profiles::appArmor)),
            Check.of(BASELINE, "capabilities_baseline", Map.of(0, Privileges::capabilitiesAdded)),
            Check.of(BASELINE, "hostNamespaces", Map.of(0, HostAccess::namespaces)),
            Check.of(BASELINE, "hostPathVolumes", Map.of(0, HostAccess::paths)),
            Check.of(BASELINE, "hostPorts", Map.of(0, HostAccess::ports)),
            Check.of(BASELINE, "hostProbesAndHostLifecycle", Map.of(34, HostAccess::probes)),
            Check.of(BASELINE, "privileged", Map.of(0, Privileges::privileged)),
            Check.of(
                    BASELINE,
                    "procMount",
                    Map.of(0, HostAccess::procMount, 35, Privileges.unlessUsersOfItsOwn(HostAccess::procMount))),
            Check.of(
                    BASELINE,
                    "seLinuxOptions",
                    Map.of(
                            0, p -> Profiles.seLinux(p, 0),
                            31, p -> Profiles.seLinux(p, 31))),
            Check.of(
                    BASELINE,
                    "seccompProfile_baseline",
                    Map.of(
                            0, Profiles::seccompAnnotations,
                            19, Profiles::seccomp)),
            Check.of(
                    BASELINE,
                    "sysctls",
                    Map.of(
                            0, p -> HostAccess.sysctls(p, 0),
                            27, p -> HostAccess.sysctls(p, 27),
                            29, p -> HostAccess.sysctls(p, 29),
                            32, p -> HostAccess.sysctls(p, 32))),
            Check.of(BASELINE, "windowsHostProcess", Map.of(0, Privileges::windowsHostProcess)),
            Check.of(
                    RESTRICTED,
                    "allowPrivilegeEscalation",
                    Map.of(8, Privileges::escalation, 25, Privileges.exceptOnWindows(Privileges::escalation))),
            Check.replacing(
                    "capabilities_baseline",
                    RESTRICTED,
                    "capabilities_restricted",
                    Map.of(
                            22,
                            Privileges::capabilitiesDropped,
                            25,
                            Privileges.exceptOnWindows(Privileges::capabilitiesDropped))),
            Check.replacing("procMount", RESTRICTED, "procMount_restricted", Map.of(35, HostAccess::procMount)),
            Check.replacing("hostPathVolumes", RESTRICTED, "restrictedVolumes", Map.of(0, HostAccess::volumes)),
            Check.of(
                    RESTRICTED,
                    "runAsNonRoot",
                    Map.of(0, Privileges::nonRoot, 35, Privileges.unlessUsersOfItsOwn(Privileges::nonRoot))),
            Check.of(
                    RESTRICTED,
                    "runAsUser",
                    Map.of(23, Privileges::user, 35, Privileges.unlessUsersOfItsOwn(Privileges::user))),
            Check.replacing(
                    "seccompProfile_baseline",
                    RESTRICTED,
                    "seccompProfile_restricted",
                    Map.of(19, Profiles::seccompNeeded, 25, Privileges.exceptOnWindows(Profiles::seccompNeeded))));

    private Checks() {}
}

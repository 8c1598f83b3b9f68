package dev.coracle.apiserver.authentication;

import java.util.Set;

/** An authenticated caller. */
public record UserInfo(String name, Set<String> groups) {
    /** Everything is allowed to {@code system:masters}. */
    public static final String MASTERS = "system:masters";

    public static final UserInfo ADMIN = new UserInfo("kubernetes-admin", Set.of(MASTERS, "system:authenticated"));
    public static final UserInfo ANONYMOUS = new UserInfo("system:anonymous", Set.of("system:unauthenticated"));

    /** A component of the control plane, e.g. {@code system:kube-scheduler}. */
    public static UserInfo component(String name) {
        return new UserInfo(name, Set.of(MASTERS, "system:authenticated"));
    }
}

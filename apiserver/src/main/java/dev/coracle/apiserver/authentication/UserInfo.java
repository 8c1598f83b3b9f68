package dev.coracle.apiserver.authentication;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An authenticated caller.
 *
 * @param uid {@code ""} where the way of authentication knows none
 * @param extra what else is known, e.g. which pod a token is bound to
 */
public record UserInfo(String name, String uid, Set<String> groups, Map<String, List<String>> extra) {
    /** Everything is allowed to {@code system:masters}. */
    public static final String MASTERS = "system:masters";

    public static final String AUTHENTICATED = "system:authenticated";
    public static final String NODES = "system:nodes";

    public static final UserInfo ADMIN = new UserInfo("kubernetes-admin", Set.of(MASTERS, AUTHENTICATED));
    public static final UserInfo ANONYMOUS = new UserInfo("system:anonymous", Set.of("system:unauthenticated"));

    public UserInfo(String name, Set<String> groups) {
        this(name, "", groups, Map.of());
    }

    /** A component of the control plane, e.g. {@code system:kube-scheduler}. */
    public static UserInfo component(String name) {
        return new UserInfo(name, Set.of(MASTERS, AUTHENTICATED));
    }
}

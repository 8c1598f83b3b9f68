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

    /** What makes the cluster, before any rule of it holds: the one that puts it together, and the API server itself. */
    private static final Set<String> MAKERS = Set.of("system:coracle", "system:apiserver");

    /**
     * A component, e.g. {@code system:kube-scheduler} or {@code system:node:n1}: it may do what the roles bound to its
     * name say. {@code system:coracle} and {@code system:apiserver}, which make the cluster, may do everything.
     */
    public static UserInfo component(String name) {
        return new UserInfo(
                name,
                MAKERS.contains(name)
                        ? Set.of(MASTERS, AUTHENTICATED)
                        : name.startsWith("system:node:") ? Set.of(NODES, AUTHENTICATED) : Set.of(AUTHENTICATED));
    }
}

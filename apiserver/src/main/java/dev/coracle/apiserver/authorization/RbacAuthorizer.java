package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * RBAC: allowed is what a role says that is bound to the user or one of the groups; nothing is ever denied by rule.
 * Beside that, as upstream's default, {@code system:masters} may do everything and anybody may ask for health.
 */
public final class RbacAuthorizer implements Authorizer {
    private static final Set<String> ALWAYS = Set.of("/healthz", "/livez", "/readyz");

    /** Where roles and bindings are found, without authorization. */
    public interface Objects {
        List<Revision> all(GroupVersionResource resource);

        /** Grows with every change of the resource's objects. */
        long version(GroupVersionResource resource);
    }

    private final Objects objects;
    private volatile Grants grants = Grants.NONE;

    public RbacAuthorizer(Objects objects) {
        this.objects = objects;
    }

    @Override
    public Decision decide(UserInfo user, Attributes a) {
        if (user.groups().contains(UserInfo.MASTERS) || ALWAYS.contains(a.path())) {
            return Decision.ALLOWED;
        }
        for (Grants.Grant g : current().of(user, a.namespace())) {
            if (g.rules().stream().anyMatch(r -> r.covers(a))) {
                return new Decision(true, "RBAC: allowed by " + g.origin());
            }
        }
        return Decision.NO_OPINION;
    }

    /** Everything RBAC allows the user in the namespace. */
    public List<Rule> rules(UserInfo user, String namespace) {
        List<Rule> rules = new ArrayList<>();
        current().of(user, namespace).forEach(g -> rules.addAll(g.rules()));
        return rules;
    }

    /**
     * The rules of a role that a binding may name.
     *
     * @param namespace the binding's; without meaning for a {@code ClusterRole}
     */
    Optional<List<Rule>> role(String kind, String namespace, String name) {
        return current().role(kind, namespace, name);
    }

    /** The grants as of now. Reckoned anew after a change of a role or binding, which is rare. */
    private Grants current() {
        Grants known = grants;
        if (known.isCurrent(objects)) {
            return known;
        }
        Grants next = Grants.of(objects);
        grants = next;
        return next;
    }
}

package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * RBAC: allowed is what a role says that is bound to the user or one of the groups; nothing is ever denied by rule.
 * Beside that, as upstream's default, {@code system:masters} may do everything and anybody may ask for health.
 */
public final class RbacAuthorizer {
    private static final Set<String> ALWAYS = Set.of("/healthz", "/livez", "/readyz");

    /** Where roles and bindings are found, without authorization. */
    public interface Objects {
        List<Revision> all(GroupVersionResource resource);

        /** Grows with every change of the resource's objects. */
        long version(GroupVersionResource resource);
    }

    /** @param reason why it is allowed; {@code ""} where it is not */
    public record Decision(boolean allowed, String reason) {}

    private final Objects objects;
    private volatile Grants grants = Grants.NONE;

    public RbacAuthorizer(Objects objects) {
        this.objects = objects;
    }

    public boolean allows(UserInfo user, Attributes a) {
        return decide(user, a).allowed();
    }

    public Decision decide(UserInfo user, Attributes a) {
        if (user.groups().contains(UserInfo.MASTERS) || ALWAYS.contains(a.path())) {
            return new Decision(true, "");
        }
        for (Grants.Grant g : current().of(user, a.namespace())) {
            if (g.rules().stream().anyMatch(r -> r.covers(a))) {
                return new Decision(true, "RBAC: allowed by " + g.origin());
            }
        }
        return new Decision(false, "");
    }

    /** @throws StatusException 403 in upstream's words, unless it is allowed */
    public void require(UserInfo user, Attributes a) {
        if (allows(user, a)) {
            return;
        }
        if (!a.path().isEmpty()) {
            throw new StatusException(
                    403,
                    "Forbidden",
                    "forbidden: User \"" + user.name() + "\" cannot " + a.verb() + " path \"" + a.path() + "\"");
        }
        String what = a.subresource().isEmpty() ? a.resource() : a.resource() + "/" + a.subresource();
        String where =
                a.namespace().isEmpty() ? " at the cluster scope" : " in the namespace \"" + a.namespace() + "\"";
        throw StatusException.forbidden(
                new GroupVersionResource(a.group(), "", a.resource()),
                a.name(),
                "User \"" + user.name() + "\" cannot " + a.verb() + " resource \"" + what + "\" in API group \""
                        + a.group() + "\"" + where);
    }

    /** Everything RBAC allows the user in the namespace. */
    public List<Rule> rules(UserInfo user, String namespace) {
        List<Rule> rules = new ArrayList<>();
        current().of(user, namespace).forEach(g -> rules.addAll(g.rules()));
        return rules;
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

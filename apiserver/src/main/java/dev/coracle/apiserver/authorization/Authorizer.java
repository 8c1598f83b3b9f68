package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;

/** Says who may what. One that has no opinion answers no: another one may still allow it. */
@FunctionalInterface
public interface Authorizer {
    /** @param reason why it is allowed, or why this authorizer does not allow it; may be {@code ""} */
    record Decision(boolean allowed, String reason) {
        static final Decision ALLOWED = new Decision(true, "");
        static final Decision NO_OPINION = new Decision(false, "");

        static Decision no(String reason) {
            return new Decision(false, reason);
        }
    }

    Decision decide(UserInfo user, Attributes a);

    default boolean allows(UserInfo user, Attributes a) {
        return decide(user, a).allowed();
    }

    /** Allows what either allows; where none does, it has the reasons of both. */
    default Authorizer or(Authorizer other) {
        return (user, a) -> {
            Decision first = decide(user, a);
            if (first.allowed()) {
                return first;
            }
            Decision second = other.decide(user, a);
            if (second.allowed() || first.reason().isEmpty()) {
                return second;
            }
            return second.reason().isEmpty() ? first : Decision.no(first.reason() + "\n" + second.reason());
        };
    }

    /** @throws StatusException 403 in upstream's words, unless it is allowed */
    default void require(UserInfo user, Attributes a) {
        Decision decision = decide(user, a);
        if (decision.allowed()) {
            return;
        }
        String why = decision.reason().isEmpty() ? "" : ": " + decision.reason();
        if (!a.path().isEmpty()) {
            throw new StatusException(
                    403,
                    "Forbidden",
                    "forbidden: User \"" + user.name() + "\" cannot " + a.verb() + " path \"" + a.path() + "\"" + why);
        }
        String what = a.subresource().isEmpty() ? a.resource() : a.resource() + "/" + a.subresource();
        String where =
                a.namespace().isEmpty() ? " at the cluster scope" : " in the namespace \"" + a.namespace() + "\"";
        throw StatusException.forbidden(
                new GroupVersionResource(a.group(), "", a.resource()),
                a.name(),
                "User \"" + user.name() + "\" cannot " + a.verb() + " resource \"" + what + "\" in API group \""
                        + a.group() + "\"" + where + why);
    }
}

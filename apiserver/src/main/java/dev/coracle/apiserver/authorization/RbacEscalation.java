package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.admission.AdmissionPlugin;
import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.AdmissionRequest.Operation;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Nobody gives what they do not have: a role may hold only rules its writer is allowed himself, a binding may name only
 * such a role. Whoever may {@code escalate} roles or {@code bind} this role is free of it, and {@code system:masters}
 * are. To whom a binding gives does not matter, since it gives no more than its writer has. Upstream does this where
 * roles are stored ({@code pkg/registry/rbac}), after everything else that may change them; so this runs last.
 */
public final class RbacEscalation implements AdmissionPlugin {
    private static final Rule ALL_RESOURCES = new Rule(List.of("*"), List.of("*"), List.of("*"), List.of(), List.of());
    private static final Rule ALL_PATHS = new Rule(List.of("*"), List.of(), List.of(), List.of(), List.of("*"));

    private final RbacAuthorizer authorizer;

    public RbacEscalation(RbacAuthorizer authorizer) {
        this.authorizer = authorizer;
    }

    @Override
    public void admit(AdmissionRequest request) {
        GroupVersionResource r = request.resource();
        boolean role = r.equals(Resources.ROLES) || r.equals(Resources.CLUSTER_ROLES);
        boolean binding = r.equals(Resources.ROLE_BINDINGS) || r.equals(Resources.CLUSTER_ROLE_BINDINGS);
        if (!role && !binding
                || request.operation() == Operation.DELETE
                || request.user().groups().contains(UserInfo.MASTERS)
                || onlyForGarbageCollection(request)) {
            return;
        }
        if (role) {
            role(request);
        } else {
            binding(request);
        }
    }

    /** What the garbage collector writes gives nobody anything. */
    private static boolean onlyForGarbageCollection(AdmissionRequest request) {
        return request.operation() == Operation.UPDATE
                && essence(request.object()).equals(essence(request.oldObject()));
    }

    private static Unstructured essence(Unstructured o) {
        Unstructured copy = o.copy();
        for (String bookkeeping :
                List.of("ownerReferences", "finalizers", "managedFields", "resourceVersion", "generation")) {
            copy.remove("metadata", bookkeeping);
        }
        return copy;
    }

    private void role(AdmissionRequest request) {
        // A path that creates has no name in it, so that rights on certain names do not count.
        String name = request.operation() == Operation.CREATE ? "" : request.name();
        if (authorizer.allows(
                request.user(),
                new Attributes(
                        "escalate",
                        request.resource().group(),
                        request.resource().resource(),
                        "",
                        request.namespace(),
                        name,
                        ""))) {
            return;
        }
        held(request, request.object().objects("rules").stream().map(Rule::of).toList());
        if ((aggregates(request.object()) || aggregates(request.oldObject()))
                && !missing(request, List.of(ALL_RESOURCES, ALL_PATHS)).isEmpty()) {
            throw StatusException.forbidden(
                    request.resource(),
                    request.name(),
                    "must have cluster-admin privileges to use the aggregationRule");
        }
    }

    private static boolean aggregates(Unstructured role) {
        return !role.objects("aggregationRule", "clusterRoleSelectors").isEmpty();
    }

    private void binding(AdmissionRequest request) {
        Unstructured ref = request.object().object("roleRef");
        GroupVersionResource named = switch (ref.string("kind")) {
            case "ClusterRole" -> Resources.CLUSTER_ROLES;
            case "Role" -> Resources.ROLES;
            default -> null;
        };
        if (named == null) {
            // Validation, which comes next, says which kinds there are.
            return;
        }
        String role = ref.string("name");
        if (authorizer.allows(
                request.user(),
                new Attributes("bind", ref.string("apiGroup"), named.resource(), "", request.namespace(), role, ""))) {
            return;
        }
        held(
                request,
                authorizer
                        .role(ref.string("kind"), request.namespace(), role)
                        .orElseThrow(() -> StatusException.notFound(named, role)));
    }

    private void held(AdmissionRequest request, List<Rule> rules) {
        List<Rule> missing = missing(request, rules);
        if (!missing.isEmpty()) {
            throw StatusException.forbidden(
                    request.resource(),
                    request.name(),
                    "user \"" + request.user().name() + "\" (groups="
                            + Rule.quoted(request.user().groups())
                            + ") is attempting to grant RBAC permissions not currently held:\n" + described(missing));
        }
    }

    private List<Rule> missing(AdmissionRequest request, List<Rule> rules) {
        List<Rule> own = authorizer.rules(request.user(), request.namespace());
        return rules.stream()
                .flatMap(r -> r.parts().stream())
                .filter(part -> own.stream().noneMatch(o -> o.covers(part)))
                .toList();
    }

    /** A line for each, where parts that differ by their verb alone share one. */
    private static String described(List<Rule> missing) {
        Map<Rule, List<String>> verbs = new LinkedHashMap<>();
        TreeSet<String> lines = new TreeSet<>();
        for (Rule r : missing) {
            if (r.resourceNames().isEmpty() && r.nonResourceUrls().isEmpty()) {
                verbs.computeIfAbsent(r.withVerbs(List.of()), x -> new ArrayList<>())
                        .addAll(r.verbs());
            } else {
                lines.add(r.toString());
            }
        }
        verbs.forEach((r, v) -> lines.add(r.withVerbs(v).toString()));
        return String.join("\n", lines);
    }
}

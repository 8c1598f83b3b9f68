package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a kubelet may, as upstream's {@code plugin/pkg/auth/authorizer/node}: of Secrets, ConfigMaps, claims, volumes,
 * accounts and pods what {@link NodeGraph} ties to its node; of nodes, their leases and drivers its own; of all else what the role
 * {@code system:node} says. What depends on the object written is left to the admission plugin {@code NodeRestriction}.
 */
public final class NodeAuthorizer implements Authorizer {
    private static final String PREFIX = "system:node:";
    private static final String LEASES = "kube-node-lease";
    private static final Set<String> READ = Set.of("get", "list", "watch");
    private static final Set<String> CHANGE = Set.of("update", "patch");

    private final NodeGraph graph;
    private final List<Rule> rules;

    /** @param rules those of the role {@code system:node} */
    public NodeAuthorizer(NodeGraph graph, List<Rule> rules) {
        this.graph = graph;
        this.rules = rules;
    }

    /** The name of the node whose kubelet this is; {@code ""} for one that does not say; empty for anybody else. */
    public static Optional<String> node(UserInfo user) {
        return user.name().startsWith(PREFIX) && user.groups().contains(UserInfo.NODES)
                ? Optional.of(user.name().substring(PREFIX.length()))
                : Optional.empty();
    }

    @Override
    public Decision decide(UserInfo user, Attributes a) {
        Optional<String> identity = node(user);
        if (identity.isEmpty()) {
            return Decision.NO_OPINION;
        }
        String node = identity.get();
        if (node.isEmpty()) {
            return Decision.no("unknown node for user \"" + user.name() + "\"");
        }
        return switch (a.path().isEmpty() ? a.group() + "/" + a.resource() : "") {
            case "/secrets" -> single(node, Resources.SECRETS, a);
            case "/configmaps" -> single(node, Resources.CONFIG_MAPS, a);
            case "/persistentvolumeclaims" ->
                a.subresource().equals("status")
                        ? claimStatus(node, a)
                        : get(node, Resources.PERSISTENT_VOLUME_CLAIMS, a);
            case "/persistentvolumes" -> get(node, Resources.PERSISTENT_VOLUMES, a);
            case "resource.k8s.io/resourceclaims" -> get(node, Resources.RESOURCE_CLAIMS, a);
            case "/serviceaccounts" -> token(node, a);
            case "coordination.k8s.io/leases" -> lease(node, a);
            case "storage.k8s.io/volumeattachments" -> attachment(node, a);
            case "storage.k8s.io/csinodes" -> csiNode(node, a);
            case "/nodes" -> node(node, a);
            case "/pods" -> pod(node, a);
            default -> rules.stream().anyMatch(r -> r.covers(a)) ? Decision.ALLOWED : Decision.NO_OPINION;
        };
    }

    private Decision related(String node, GroupVersionResource resource, Attributes a) {
        if (a.name().isEmpty()) {
            return Decision.no("No Object name found");
        }
        return graph.reaches(node, resource, a.namespace(), a.name())
                ? Decision.ALLOWED
                : Decision.no("no relationship found between node '" + node + "' and this object");
    }

    private Decision single(String node, GroupVersionResource resource, Attributes a) {
        if (!READ.contains(a.verb())) {
            return Decision.no("can only read resources of this type");
        }
        if (!a.subresource().isEmpty()) {
            return Decision.no("cannot read subresource");
        }
        if (a.namespace().isEmpty()) {
            return Decision.no("can only read namespaced object of this type");
        }
        return related(node, resource, a);
    }

    private Decision get(String node, GroupVersionResource resource, Attributes a) {
        if (!a.verb().equals("get")) {
            return Decision.no("can only get individual resources of this type");
        }
        return a.subresource().isEmpty() ? related(node, resource, a) : Decision.no("cannot get subresource");
    }

    private Decision claimStatus(String node, Attributes a) {
        return CHANGE.contains(a.verb())
                ? related(node, Resources.PERSISTENT_VOLUME_CLAIMS, a)
                : Decision.no("can only get/update/patch this type");
    }

    private Decision token(String node, Attributes a) {
        if (!a.verb().equals("create") || a.name().isEmpty()) {
            return Decision.no("can only create tokens for individual service accounts");
        }
        return a.subresource().equals("token")
                ? related(node, Resources.SERVICE_ACCOUNTS, a)
                : Decision.no("can only create token subresource of serviceaccount");
    }

    private static Decision lease(String node, Attributes a) {
        if (!Set.of("get", "create", "update", "patch", "delete").contains(a.verb())) {
            return Decision.no("can only get, create, update, patch, or delete a node lease");
        }
        if (!a.namespace().equals(LEASES)) {
            return Decision.no("can only access leases in the \"" + LEASES + "\" system namespace");
        }
        // The path that creates has no name in it.
        return a.verb().equals("create") || a.name().equals(node)
                ? Decision.ALLOWED
                : Decision.no("can only access node lease with the same name as the requesting node");
    }

    private Decision attachment(String node, Attributes a) {
        if (!a.verb().equals("get")) {
            return Decision.no("can only get individual resources of this type");
        }
        if (!a.subresource().isEmpty()) {
            return Decision.no("cannot get subresource");
        }
        if (a.name().isEmpty()) {
            return Decision.no("No Object name found");
        }
        return graph.attaches(node, a.name())
                ? Decision.ALLOWED
                : Decision.no("no relationship found between node '" + node + "' and this object");
    }

    private static Decision csiNode(String node, Attributes a) {
        if (!Set.of("get", "create", "update", "patch", "delete").contains(a.verb())) {
            return Decision.no("can only get, create, update, patch, or delete a CSINode");
        }
        if (!a.subresource().isEmpty()) {
            return Decision.no("cannot authorize CSINode subresources");
        }
        return a.verb().equals("create") || a.name().equals(node)
                ? Decision.ALLOWED
                : Decision.no("can only access CSINode with the same name as the requesting node");
    }

    private static Decision node(String node, Attributes a) {
        if (a.subresource().equals("status")) {
            return CHANGE.contains(a.verb()) ? Decision.ALLOWED : Decision.NO_OPINION;
        }
        if (!a.subresource().isEmpty()) {
            return Decision.NO_OPINION;
        }
        if (a.verb().equals("create") || CHANGE.contains(a.verb())) {
            return Decision.ALLOWED;
        }
        if (!READ.contains(a.verb())) {
            return Decision.NO_OPINION;
        }
        if (a.name().equals(node)) {
            return Decision.ALLOWED;
        }
        return Decision.no(
                a.name().isEmpty()
                        ? "node '" + node + "' cannot read all nodes, only its own Node object"
                        : "node '" + node + "' cannot read '" + a.name() + "', only its own Node object");
    }

    private Decision pod(String node, Attributes a) {
        return switch (a.subresource().isEmpty() ? a.verb() : a.subresource() + " " + a.verb()) {
            case "get" -> get(node, Resources.PODS, a);
            case "list", "watch" -> {
                if (node.equals(a.fields().get("spec.nodeName"))) {
                    yield Decision.ALLOWED;
                }
                yield a.name().isEmpty()
                        ? Decision.no("can only list/watch pods with spec.nodeName field selector")
                        : related(node, Resources.PODS, a);
            }
            case "create", "delete", "status update", "status patch", "eviction create" -> Decision.ALLOWED;
            default -> Decision.NO_OPINION;
        };
    }
}

package dev.coracle.apiserver;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.authorization.Attributes;
import dev.coracle.apiserver.authorization.RbacAuthorizer;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.RevisionList;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.JsonPatch;
import dev.coracle.machinery.patch.MergePatch;
import dev.coracle.machinery.selector.FieldSelector;
import dev.coracle.machinery.selector.LabelSelector;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** The API as one user sees it, in process. The HTTPS front calls the same methods, so both authorize alike. */
final class LocalClient implements Client {
    private final Registry registry;
    private final RbacAuthorizer authorizer;
    private final Environment environment;
    private final UserInfo user;

    LocalClient(Registry registry, RbacAuthorizer authorizer, Environment environment, UserInfo user) {
        this.registry = registry;
        this.authorizer = authorizer;
        this.environment = environment;
        this.user = user;
    }

    void authorize(String verb, GroupVersionResource r, String subresource, String namespace, String name) {
        if (!authorizer.allows(user, new Attributes(verb, r.group(), r.resource(), subresource, namespace, name, ""))) {
            String what = subresource.isEmpty() ? r.resource() : r.resource() + "/" + subresource;
            String where = namespace.isEmpty() ? " at the cluster scope" : " in the namespace \"" + namespace + "\"";
            throw StatusException.forbidden(
                    r,
                    name,
                    "User \"" + user.name() + "\" cannot " + verb + " resource \"" + what + "\" in API group \""
                            + r.group() + "\"" + where);
        }
    }

    @Override
    public Revision get(GroupVersionResource resource, String namespace, String name) {
        authorize("get", resource, "", namespace, name);
        return registry.get(resource, namespace, name);
    }

    private Predicate<Revision> filter(GroupVersionResource resource, ListOptions options) {
        try {
            LabelSelector labels = LabelSelector.parse(options.labelSelector());
            FieldSelector fields = FieldSelector.parse(
                    options.fieldSelector(),
                    registry.definition(resource)
                            .map(ResourceDefinition::selectable)
                            .orElse(Set.of()));
            return r -> (labels.isEmpty() || labels.matches(r.labels())) && fields.matches(r.object());
        } catch (IllegalArgumentException e) {
            throw StatusException.badRequest(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public RevisionList list(GroupVersionResource resource, String namespace, ListOptions options) {
        authorize("list", resource, "", namespace, "");
        String after = "";
        if (!options.continueToken().isEmpty()) {
            try {
                after = new String(Base64.getUrlDecoder().decode(options.continueToken()), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                throw StatusException.badRequest("continue key is not valid: " + e.getMessage());
            }
        }
        Registry.Page page = registry.list(resource, namespace, filter(resource, options), options.limit(), after);
        String more = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(page.more().getBytes(StandardCharsets.UTF_8));
        return new RevisionList(page.items(), "" + page.version(), more);
    }

    @Override
    public Watch watch(GroupVersionResource resource, String namespace, ListOptions options, WatchListener listener) {
        authorize("watch", resource, "", namespace, "");
        String version = options.resourceVersion();
        long from;
        try {
            from = version.isEmpty() || version.equals("0") ? -1 : Long.parseLong(version);
        } catch (NumberFormatException e) {
            throw StatusException.badRequest("invalid resource version \"" + version + "\"");
        }
        return registry.watch(resource, namespace, filter(resource, options), from, listener);
    }

    @Override
    public Revision create(GroupVersionResource resource, String namespace, Unstructured object, WriteOptions options) {
        authorize("create", resource, "", namespace, "");
        return registry.create(resource, namespace, object, options.dryRun());
    }

    @Override
    public Revision update(GroupVersionResource resource, Unstructured object, WriteOptions options) {
        authorize("update", resource, options.subresource(), object.namespace(), object.name());
        return registry.update(
                resource,
                object.namespace(),
                object.name(),
                options.subresource(),
                options.dryRun(),
                old -> object.copy());
    }

    @Override
    public Revision patch(
            GroupVersionResource resource, String namespace, String name, Patch patch, WriteOptions options) {
        authorize("patch", resource, options.subresource(), namespace, name);
        if (patch.type() == Patch.Type.APPLY) {
            throw new StatusException(
                    415,
                    "UnsupportedMediaType",
                    "the body of the request was in an unknown format - accepted media types include: "
                            + "application/json-patch+json, application/merge-patch+json, "
                            + "application/strategic-merge-patch+json");
        }
        return registry.update(
                resource, namespace, name, options.subresource(), options.dryRun(), old -> patched(old, patch));
    }

    @SuppressWarnings("unchecked")
    static Unstructured patched(Unstructured old, Patch patch) {
        try {
            Object body = Json.parse(patch.body());
            Object result = switch (patch.type()) {
                case JSON -> JsonPatch.apply(old.map(), body);
                case MERGE -> MergePatch.apply(old.map(), body);
                case STRATEGIC, APPLY -> Registry.strategic(old.map(), Json.parseObject(patch.body()));
            };
            if (result instanceof Map<?, ?> m) {
                return new Unstructured((Map<String, Object>) m);
            }
            throw StatusException.badRequest("the patch does not leave an object");
        } catch (MalformedJsonException e) {
            throw StatusException.badRequest("error decoding patch: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new StatusException(
                    422,
                    "Invalid",
                    "the server rejected our request due to an error in our request: " + e.getMessage());
        } catch (ClassCastException e) {
            throw StatusException.badRequest("the patch does not fit the object");
        }
    }

    @Override
    public Revision delete(GroupVersionResource resource, String namespace, String name, DeleteOptions options) {
        authorize("delete", resource, "", namespace, name);
        return registry.delete(resource, namespace, name, options);
    }

    @Override
    public Unstructured post(
            GroupVersionResource resource, String namespace, String name, String subresource, Unstructured body) {
        authorize("create", resource, subresource, namespace, name);
        if (resource.resource().equals("pods") && subresource.equals("binding")) {
            bind(resource, namespace, name, body.string("target", "name"));
            return Unstructured.parse(
                    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Success\",\"code\":201}");
        }
        if (resource.resource().equals("pods") && subresource.equals("eviction")) {
            registry.delete(resource, namespace, name, DeleteOptions.DEFAULT);
            return Unstructured.parse(
                    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Success\",\"code\":201}");
        }
        throw new StatusException(404, "NotFound", "the server could not find the requested resource");
    }

    private void bind(GroupVersionResource resource, String namespace, String name, String node) {
        registry.update(resource, namespace, name, "", false, pod -> {
            String bound = pod.string("spec", "nodeName");
            if (!bound.isEmpty()) {
                throw StatusException.conflict(
                        resource, name, "pod " + name + " is already assigned to node \"" + bound + "\"");
            }
            return pod.set(node, "spec", "nodeName");
        });
        registry.update(resource, namespace, name, "status", false, pod -> {
            var conditions = pod.objects("status", "conditions");
            conditions.removeIf(c -> c.string("type").equals("PodScheduled"));
            conditions.add(Unstructured.parse("{\"type\":\"PodScheduled\",\"status\":\"True\"}")
                    .set(environment.clock().now(), "lastTransitionTime"));
            return pod.set(conditions, "status", "conditions");
        });
    }
}

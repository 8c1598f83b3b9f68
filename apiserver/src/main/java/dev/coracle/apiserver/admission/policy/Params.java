package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.Kinds;
import dev.coracle.apiserver.admission.Objects;
import dev.coracle.apiserver.admission.Versions;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.List;
import java.util.Optional;

/** Finds the parameters that a binding names. */
final class Params {
    private final Objects objects;
    private final Kinds kinds;
    private final Versions versions;

    Params(Objects objects, Kinds kinds) {
        this.objects = objects;
        this.kinds = kinds;
        this.versions = new Versions(kinds);
    }

    /**
     * The policy is held against the request once with each; with none, where it needs none.
     *
     * @param namespace of the request
     * @throws IllegalArgumentException where the binding is wrong, or there are none and that is to be refused
     */
    List<Optional<Unstructured>> of(Policy<?> policy, Unstructured binding, String namespace) {
        Unstructured ref = binding.object("spec", "paramRef");
        if (policy.paramKind().isEmpty() || ref.map().isEmpty()) {
            return List.of(Optional.empty());
        }
        Unstructured wanted = policy.paramKind().get();
        GroupVersionKind kind = GroupVersionKind.of(wanted.apiVersion(), wanted.kind());
        ResourceDefinition d = kinds.definition(kind)
                .orElseThrow(() -> new IllegalArgumentException("failed to find resource referenced by paramKind: '"
                        + wanted.apiVersion() + ", Kind=" + wanted.kind() + "'"));
        List<Optional<Unstructured>> found = found(d, ref, place(d, ref, namespace)).stream()
                .map(r -> Optional.of(versions.shown(r.object(), d.resource())))
                .toList();
        if (found.isEmpty() && ref.string("parameterNotFoundAction").equals("Deny")) {
            throw new IllegalArgumentException(
                    "no params found for policy binding with `Deny` parameterNotFoundAction");
        }
        return found;
    }

    private static String place(ResourceDefinition d, Unstructured ref, String namespace) {
        String named = ref.string("namespace");
        if (!d.namespaced()) {
            if (!named.isEmpty()) {
                throw new IllegalArgumentException(
                        "paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
            }
            return "";
        }
        if (named.isEmpty() && namespace.isEmpty()) {
            throw new IllegalArgumentException(
                    "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
        }
        return named.isEmpty() ? namespace : named;
    }

    private List<Revision> found(ResourceDefinition d, Unstructured ref, String namespace) {
        String name = ref.string("name");
        if (!name.isEmpty()) {
            return objects.get(d.storage(), namespace, name).stream().toList();
        }
        LabelSelector selector = LabelSelector.of(ref.object("selector"));
        return objects.list(d.storage(), namespace).stream()
                .filter(r -> selector.matches(r.labels()))
                .toList();
    }
}

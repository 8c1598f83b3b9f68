package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Objects;
import dev.coracle.apiserver.admission.Requests;
import dev.coracle.apiserver.admission.Versions;
import dev.coracle.apiserver.admission.cel.Expressions;
import dev.coracle.apiserver.admission.cel.Rights;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What expressions see of a request, made once for each version that policies ask for it in. */
final class Subject {
    private final AdmissionRequest request;
    private final Objects objects;
    private final Versions versions;
    private final Map<String, Object> rights;
    private final Map<GroupVersionResource, Map<String, Object>> seen = new HashMap<>();
    private @Nullable Object namespace;

    Subject(AdmissionRequest request, Objects objects, Versions versions, Authorizer authorizer) {
        this.request = request;
        this.objects = objects;
        this.versions = versions;
        this.rights = Rights.of(authorizer, request);
    }

    /** The object is now another. */
    void changed() {
        seen.clear();
    }

    /** All that expressions may speak of but {@code variables}; may be added to. */
    Map<String, Object> values(Invocation<?> invocation) {
        Map<String, Object> values = new LinkedHashMap<>(seen.computeIfAbsent(invocation.version(), this::values));
        if (invocation.policy().paramKind().isPresent()) {
            values.put(
                    "params",
                    Expressions.value(invocation.param().map(Unstructured::map).orElse(null)));
        }
        return values;
    }

    private Map<String, Object> values(GroupVersionResource version) {
        Map<String, Object> values = new LinkedHashMap<>(rights);
        values.put("object", shown(request.object(), version));
        values.put("oldObject", shown(request.oldObject(), version));
        values.put(
                "request",
                Expressions.value(Requests.described(request, versions, version, versions.kind(request, version))
                        .map()));
        values.put("namespaceObject", namespace());
        return values;
    }

    private Object shown(Unstructured object, GroupVersionResource version) {
        return Expressions.value(
                object.map().isEmpty() ? null : versions.shown(object, version).map());
    }

    private Object namespace() {
        if (namespace == null) {
            namespace = Expressions.value(
                    request.namespace().isEmpty()
                            ? null
                            : objects.get(Resources.NAMESPACES, "", request.namespace())
                                    .map(Revision::object)
                                    .orElseThrow(
                                            () -> StatusException.notFound(Resources.NAMESPACES, request.namespace()))
                                    .map());
        }
        return namespace;
    }
}

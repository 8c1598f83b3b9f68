package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.admission.AdmissionRequest.Operation;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How users' webhooks and policies see a request. */
public final class Requests {
    private Requests() {}

    /** Whether the request is about who is asked about requests: nobody shall lock himself out of that. */
    public static boolean isExempt(AdmissionRequest request) {
        return request.resource().group().equals("admissionregistration.k8s.io");
    }

    /** As {@link AdmissionRequest#namespace}, but a Namespace is taken to lie in itself. */
    public static String namespace(AdmissionRequest request) {
        return request.resource().equals(Resources.NAMESPACES) ? request.name() : request.namespace();
    }

    /**
     * The labels that a {@code namespaceSelector} is about: of a Namespace that is written, its own new ones.
     *
     * @return empty for what lies in no namespace, and so is selected always
     * @throws StatusException 404
     */
    public static Optional<Map<String, String>> namespaceLabels(AdmissionRequest request, Objects objects) {
        String namespace = namespace(request);
        if (namespace.isEmpty()) {
            return Optional.empty();
        }
        boolean written = request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE;
        if (request.resource().equals(Resources.NAMESPACES)
                && request.subresource().isEmpty()
                && written) {
            return Optional.of(request.object().labels());
        }
        return Optional.of(objects.get(Resources.NAMESPACES, "", namespace)
                .orElseThrow(() -> StatusException.notFound(Resources.NAMESPACES, namespace))
                .labels());
    }

    /**
     * {@code admission.k8s.io/v1 AdmissionRequest} but for uid and objects.
     *
     * @param resource the version that the one who is asked knows
     * @param kind of the objects in that version
     */
    public static Unstructured described(
            AdmissionRequest request, Versions versions, GroupVersionResource resource, GroupVersionKind kind) {
        Unstructured r = new Unstructured(new LinkedHashMap<>());
        r.set(kind(kind), "kind").set(resource(resource), "resource");
        r.set(kind(versions.kind(request, request.requested())), "requestKind");
        r.set(resource(request.requested()), "requestResource");
        if (!request.subresource().isEmpty()) {
            r.set(request.subresource(), "subResource").set(request.subresource(), "requestSubResource");
        }
        if (!request.name().isEmpty()) {
            r.set(request.name(), "name");
        }
        if (!namespace(request).isEmpty()) {
            r.set(namespace(request), "namespace");
        }
        return r.set(request.operation().name(), "operation")
                .set(user(request.user()), "userInfo")
                .set(request.dryRun(), "dryRun");
    }

    private static Map<String, Object> kind(GroupVersionKind k) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("group", k.group());
        m.put("version", k.version());
        m.put("kind", k.kind());
        return m;
    }

    private static Map<String, Object> resource(GroupVersionResource r) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("group", r.group());
        m.put("version", r.version());
        m.put("resource", r.resource());
        return m;
    }

    private static Unstructured user(UserInfo user) {
        Unstructured u = new Unstructured(new LinkedHashMap<>()).set(user.name(), "username");
        if (!user.uid().isEmpty()) {
            u.set(user.uid(), "uid");
        }
        if (!user.groups().isEmpty()) {
            u.set(user.groups().stream().sorted().toList(), "groups");
        }
        if (!user.extra().isEmpty()) {
            Map<String, List<String>> extra = new LinkedHashMap<>(user.extra());
            u.set(extra, "extra");
        }
        return u;
    }
}

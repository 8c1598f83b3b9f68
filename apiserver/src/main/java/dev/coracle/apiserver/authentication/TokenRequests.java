package dev.coracle.apiserver.authentication;

import dev.coracle.apiserver.authentication.ServiceAccountTokens.Reference;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code serviceaccounts/NAME/token}: checks a {@code TokenRequest} and fills in its status. */
public final class TokenRequests {
    private static final long HOUR = 3600;
    private static final long TEN_MINUTES = 600;

    private final ServiceAccountTokens tokens;
    private final ServiceAccountTokens.Objects objects;
    private final Environment environment;

    public TokenRequests(ServiceAccountTokens tokens, ServiceAccountTokens.Objects objects, Environment environment) {
        this.tokens = tokens;
        this.objects = objects;
        this.environment = environment;
    }

    /** The request with {@code status.token} and {@code status.expirationTimestamp}. */
    public Unstructured answer(String namespace, String name, Unstructured given) {
        Unstructured request = given.copy();
        GroupVersionKind kind = new GroupVersionKind("authentication.k8s.io", "v1", "TokenRequest");
        if (!request.kind().isEmpty() && !request.groupVersionKind().equals(kind)) {
            throw StatusException.badRequest("the API version in the data (" + request.apiVersion() + ", Kind="
                    + request.kind() + ") does not match the expected API version (authentication.k8s.io/v1, "
                    + "Kind=TokenRequest)");
        }
        long seconds = request.integer(HOUR, "spec", "expirationSeconds");
        if (seconds < TEN_MINUTES || seconds > 1L << 32) {
            throw StatusException.invalid(
                    kind,
                    "",
                    List.of(new Cause(
                            "FieldValueInvalid",
                            "Invalid value: " + seconds + ": may not specify a duration "
                                    + (seconds < TEN_MINUTES ? "less than 10 minutes" : "larger than 2^32 seconds"),
                            "spec.expirationSeconds")));
        }
        Unstructured account = objects.find(Resources.SERVICE_ACCOUNTS, namespace, name)
                .map(Revision::object)
                .orElseThrow(() -> StatusException.notFound(Resources.SERVICE_ACCOUNTS, name));
        List<String> audiences = request.stringList("spec", "audiences");
        if (audiences.isEmpty()) {
            audiences = List.of(ServiceAccountTokens.ISSUER);
        }
        Map<String, Reference> bound = request.has("spec", "boundObjectRef")
                ? bound(account, request.object("spec", "boundObjectRef"))
                : Map.of();
        Instant expires =
                environment.clock().now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(seconds);
        request.set("authentication.k8s.io/v1", "apiVersion").set("TokenRequest", "kind");
        request.set(name, "metadata", "name").set(namespace, "metadata", "namespace");
        request.set(environment.clock().now(), "metadata", "creationTimestamp");
        request.set(audiences, "spec", "audiences").set(seconds, "spec", "expirationSeconds");
        request.remove("status");
        request.set(tokens.issue(account, audiences, expires, bound), "status", "token");
        return request.set(expires, "status", "expirationTimestamp");
    }

    private Map<String, Reference> bound(Unstructured account, Unstructured ref) {
        String what = ref.apiVersion() + "/" + ref.kind();
        Map<String, Reference> bound = new LinkedHashMap<>();
        switch (what) {
            case "v1/Pod" -> {
                Unstructured pod = find(Resources.PODS, account.namespace(), ref);
                String owner = pod.stringOr("default", "spec", "serviceAccountName");
                if (!owner.equals(account.name())) {
                    throw StatusException.badRequest("cannot bind token for serviceaccount \"" + account.name()
                            + "\" to pod running with different serviceaccount name.");
                }
                bound.put("pod", Reference.of(pod));
                objects.find(Resources.NODES, "", pod.string("spec", "nodeName"))
                        .ifPresent(n -> bound.put("node", Reference.of(n.object())));
            }
            case "v1/Secret" -> bound.put("secret", Reference.of(find(Resources.SECRETS, account.namespace(), ref)));
            case "v1/Node" -> bound.put("node", Reference.of(find(Resources.NODES, "", ref)));
            default ->
                throw StatusException.badRequest(
                        "cannot bind token to object of type " + ref.apiVersion() + ", Kind=" + ref.kind());
        }
        return bound;
    }

    private Unstructured find(GroupVersionResource resource, String namespace, Unstructured ref) {
        String name = ref.string("name");
        Unstructured o = objects.find(resource, namespace, name)
                .map(Revision::object)
                .orElseThrow(() -> StatusException.notFound(resource, name));
        String uid = ref.string("uid");
        if (!uid.isEmpty() && !uid.equals(o.uid())) {
            throw StatusException.conflict(
                    new GroupVersionResource("", "v1", ref.kind()),
                    name,
                    "the UID in the bound object reference (" + uid + ") does not match the UID in record. The object "
                            + "might have been deleted and then recreated");
        }
        return o;
    }
}

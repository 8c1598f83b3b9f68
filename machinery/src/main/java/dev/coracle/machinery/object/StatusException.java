package dev.coracle.machinery.object;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The API refuses: an HTTP code and a {@code metav1.Status} body, with the reasons and wordings of
 * {@code k8s.io/apimachinery/pkg/api/errors}. Thrown by the API server and, equal in content, by every client.
 */
public final class StatusException extends RuntimeException {
    private final int code;
    private final String reason;
    private final Unstructured details;

    public StatusException(int code, String reason, String message) {
        this(code, reason, message, new Unstructured(new LinkedHashMap<>()));
    }

    public StatusException(int code, String reason, String message, Unstructured details) {
        super(message);
        this.code = code;
        this.reason = reason;
        this.details = details;
    }

    /** From a {@code Status} body that a server sent. */
    public static StatusException of(int httpCode, Unstructured status) {
        return new StatusException(
                (int) status.integer(httpCode, "code"),
                status.string("reason"),
                status.stringOr("the server answered " + httpCode, "message"),
                status.object("details"));
    }

    public int code() {
        return code;
    }

    /** {@code NotFound}, {@code AlreadyExists}, {@code Conflict}, {@code Invalid}…; may be empty. */
    public String reason() {
        return reason;
    }

    public Unstructured details() {
        return details;
    }

    public boolean isNotFound() {
        return code == 404;
    }

    public boolean isConflict() {
        return code == 409 && reason.equals("Conflict");
    }

    public boolean isAlreadyExists() {
        return reason.equals("AlreadyExists");
    }

    /** 410: the revision asked for is compacted away, or a watch fell too far behind. */
    public boolean isGone() {
        return code == 410;
    }

    /** The {@code metav1.Status} body. */
    public Unstructured status() {
        Unstructured s = Unstructured.of("v1", "Status")
                .set(new LinkedHashMap<String, Object>(), "metadata")
                .set("Failure", "status")
                .set(getMessage(), "message");
        if (!reason.isEmpty()) {
            s.set(reason, "reason");
        }
        if (!details.map().isEmpty()) {
            s.set(details, "details");
        }
        return s.set(code, "code");
    }

    // ---- makers, worded as upstream

    private static Unstructured details(GroupVersionResource r, String name) {
        Unstructured d = new Unstructured(new LinkedHashMap<>());
        if (!name.isEmpty()) {
            d.set(name, "name");
        }
        if (!r.group().isEmpty()) {
            d.set(r.group(), "group");
        }
        return d.set(r.resource(), "kind");
    }

    public static StatusException notFound(GroupVersionResource r, String name) {
        return new StatusException(
                404, "NotFound", r.groupResource() + " \"" + name + "\" not found", details(r, name));
    }

    /** There are no such resources, or they have no such part. Clients take it that the details are there. */
    public static StatusException notServed(GroupVersionResource r, String name) {
        return new StatusException(
                404, "NotFound", "the server could not find the requested resource", details(r, name));
    }

    public static StatusException alreadyExists(GroupVersionResource r, String name) {
        return new StatusException(
                409, "AlreadyExists", r.groupResource() + " \"" + name + "\" already exists", details(r, name));
    }

    /** The write lost a race; {@code why} as upstream's {@code the object has been modified; please apply…}. */
    public static StatusException conflict(GroupVersionResource r, String name, String why) {
        return new StatusException(
                409,
                "Conflict",
                "Operation cannot be fulfilled on " + r.groupResource() + " \"" + name + "\": " + why,
                details(r, name));
    }

    /** The conflict of a write whose resourceVersion is not the current one. */
    public static StatusException modified(GroupVersionResource r, String name) {
        return conflict(
                r, name, "the object has been modified; please apply your changes to the latest version and try again");
    }

    public static StatusException badRequest(String message) {
        return new StatusException(400, "BadRequest", message);
    }

    public static StatusException forbidden(GroupVersionResource r, String name, String why) {
        String what = name.isEmpty() ? r.groupResource() : r.groupResource() + " \"" + name + "\"";
        return new StatusException(403, "Forbidden", what + " is forbidden: " + why, details(r, name));
    }

    public static StatusException unauthorized() {
        return new StatusException(401, "Unauthorized", "Unauthorized");
    }

    public static StatusException gone(String message) {
        return new StatusException(410, "Expired", message);
    }

    public static StatusException unavailable(String message) {
        return new StatusException(503, "ServiceUnavailable", message);
    }

    public static StatusException internal(String message) {
        return new StatusException(500, "InternalError", "Internal error occurred: " + message);
    }

    /**
     * One finding of validation.
     *
     * @param reason {@code FieldValueRequired}, {@code FieldValueInvalid}, {@code FieldValueNotSupported},
     *     {@code FieldValueDuplicate}, {@code FieldValueForbidden}, {@code FieldValueNotFound},
     *     {@code FieldValueTooLong}…
     * @param message without the path: {@code Required value}, {@code Invalid value: -1: must be greater than…}
     * @param field the path: {@code spec.template.spec.containers[0].image}
     */
    public record Cause(String reason, String message, String field) {}

    /** 422: {@code Deployment.apps "x" is invalid: spec.replicas: Invalid value: -1: must be…}. */
    public static StatusException invalid(GroupVersionKind kind, String name, List<Cause> causes) {
        String qualified = kind.group().isEmpty() ? kind.kind() : kind.kind() + "." + kind.group();
        List<String> lines = causes.stream()
                .map(c -> c.field().isEmpty() ? c.message() : c.field() + ": " + c.message())
                .distinct()
                .toList();
        String text = lines.size() == 1 ? lines.getFirst() : "[" + String.join(", ", lines) + "]";
        Unstructured d = new Unstructured(new LinkedHashMap<>());
        if (!name.isEmpty()) {
            d.set(name, "name");
        }
        if (!kind.group().isEmpty()) {
            d.set(kind.group(), "group");
        }
        d.set(kind.kind(), "kind");
        List<Map<String, Object>> list = new ArrayList<>();
        for (Cause c : causes) {
            Map<String, Object> m = new LinkedHashMap<>();
            m.put("reason", c.reason());
            m.put("message", c.message());
            m.put("field", c.field());
            list.add(m);
        }
        d.set(list, "causes");
        return new StatusException(422, "Invalid", qualified + " \"" + name + "\" is invalid: " + text, d);
    }
}

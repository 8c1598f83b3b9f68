package dev.coracle.apiserver.http;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** The query of a request, read as the options of its verb. What cannot be read is a 400. */
final class Parameters {
    private static final int LONGEST_MANAGER = 128;
    private static final List<String> POLICIES = List.of("Foreground", "Background", "Orphan");

    private Parameters() {}

    static ListOptions list(Request request) {
        number(request, "timeoutSeconds", 0);
        return new ListOptions(
                request.parameter("labelSelector"),
                request.parameter("fieldSelector"),
                request.parameter("resourceVersion"),
                (int) Math.clamp(number(request, "limit", 0), 0, Integer.MAX_VALUE),
                request.parameter("continue"),
                request.flag("allowWatchBookmarks"),
                request.parameter("resourceVersionMatch"));
    }

    /** @param named whether a writer who gives no name is called by its program; an apply must give one */
    static WriteOptions write(Request request, String subresource, boolean named) {
        String manager = request.parameter("fieldManager");
        return new WriteOptions(
                subresource,
                manager.isEmpty() && named ? program(request) : manager,
                request.flag("force"),
                dryRun(List.of(request.parameter("dryRun"))));
    }

    /**
     * @param body {@code DeleteOptions}, which go before the query; may be empty
     * @throws StatusException 422 for a policy that there is not
     */
    static DeleteOptions delete(Request request, Unstructured body) {
        boolean dry = dryRun(List.of(request.parameter("dryRun"))) | dryRun(body.stringList("dryRun"));
        return new DeleteOptions(
                body.has("gracePeriodSeconds")
                        ? body.integer(-1, "gracePeriodSeconds")
                        : number(request, "gracePeriodSeconds", -1),
                propagation(request, body),
                body.string("preconditions", "uid"),
                body.string("preconditions", "resourceVersion"),
                dry);
    }

    private static String propagation(Request request, Unstructured body) {
        String policy = body.stringOr(request.parameter("propagationPolicy"), "propagationPolicy");
        boolean orphans = body.has("orphanDependents")
                || !request.parameter("orphanDependents").isEmpty();
        if (orphans && !policy.isEmpty()) {
            throw refused(
                    "FieldValueInvalid",
                    "Invalid value: \"" + policy + "\": orphanDependents and deletionPropagation cannot be both set");
        }
        if (orphans) {
            boolean orphan =
                    body.has("orphanDependents") ? body.bool("orphanDependents") : request.flag("orphanDependents");
            return orphan ? "Orphan" : "Background";
        }
        if (!policy.isEmpty() && !POLICIES.contains(policy)) {
            throw refused(
                    "FieldValueNotSupported",
                    "Unsupported value: \"" + policy
                            + "\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"");
        }
        return policy;
    }

    private static StatusException refused(String reason, String message) {
        return StatusException.invalid(
                new GroupVersionKind("meta.k8s.io", "v1", "DeleteOptions"),
                "",
                List.of(new StatusException.Cause(reason, message, "propagationPolicy")));
    }

    static long number(Request request, String name, long fallback) {
        String text = request.parameter(name);
        try {
            return text.isEmpty() ? fallback : Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw StatusException.badRequest(
                    "strconv.ParseInt: parsing \"" + text + "\": invalid syntax (parameter " + name + ")");
        }
    }

    private static boolean dryRun(List<String> values) {
        for (String v : values) {
            if (!v.isEmpty() && !v.equals("All")) {
                throw StatusException.badRequest("dryRun: Unsupported value: \"" + v + "\": supported values: \"All\"");
            }
        }
        return values.contains("All");
    }

    /** {@code kubectl} of {@code kubectl/v1.32.0 (linux/amd64) kubernetes/70d3cc9}. */
    private static String program(Request request) {
        String name = request.header("user-agent").replaceAll("/.*", "").replaceAll("\\P{Print}", "");
        return name.length() > LONGEST_MANAGER ? name.substring(0, LONGEST_MANAGER) : name;
    }
}

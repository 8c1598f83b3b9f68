package dev.coracle.apiserver;

import dev.coracle.apiserver.registry.Continuation;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.StatusException.Cause;
import java.util.List;

/**
 * Which version of a collection a list asks for: see "Resource versions" in upstream's API concepts.
 *
 * @param exactly this one; 0 for the newest
 * @param least at least this one; 0 for any
 * @param after the last object of the page before, see {@link Continuation}; {@code ""} for the first page
 */
record ListVersions(long exactly, long least, String after) {
    /** @throws StatusException 400 or 422 for what makes no sense together */
    static ListVersions of(ListOptions options) {
        String version = options.resourceVersion();
        String match = options.resourceVersionMatch();
        if (!match.isEmpty()) {
            check(version, match, options.continueToken());
        }
        long number = number(version);
        if (!options.continueToken().isEmpty()) {
            if (number != 0) {
                throw StatusException.badRequest("specifying resource version is not allowed when using continue");
            }
            Continuation page = Continuation.parse(options.continueToken());
            return new ListVersions(page.revision(), 0, page.after());
        }
        // From before there was resourceVersionMatch: a page of a version is of exactly that one.
        boolean exact = match.equals("Exact") || match.isEmpty() && options.limit() > 0;
        return exact ? new ListVersions(number, 0, "") : new ListVersions(0, number, "");
    }

    private static void check(String version, String match, String token) {
        if (version.isEmpty()) {
            throw refusal(
                    "FieldValueForbidden", "resourceVersionMatch is forbidden unless resourceVersion is provided");
        }
        if (!token.isEmpty()) {
            throw refusal("FieldValueForbidden", "resourceVersionMatch is forbidden when continue is provided");
        }
        if (!match.equals("Exact") && !match.equals("NotOlderThan")) {
            throw StatusException.invalid(
                    new GroupVersionKind("meta.k8s.io", "v1", "ListOptions"),
                    "",
                    List.of(new Cause(
                            "FieldValueNotSupported",
                            "Unsupported value: \"" + match + "\": supported values: \"Exact\", \"NotOlderThan\"",
                            "resourceVersionMatch")));
        }
        if (match.equals("Exact") && version.equals("0")) {
            throw refusal(
                    "FieldValueForbidden", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        }
    }

    private static StatusException refusal(String reason, String why) {
        return StatusException.invalid(
                new GroupVersionKind("meta.k8s.io", "v1", "ListOptions"),
                "",
                List.of(new Cause(reason, "Forbidden: " + why, "resourceVersionMatch")));
    }

    /** @throws StatusException 400 for what is no number */
    static long number(String version) {
        try {
            long number = version.isEmpty() ? 0 : Long.parseLong(version);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw StatusException.badRequest("invalid resource version \"" + version + "\"");
        }
        throw StatusException.badRequest("invalid resource version \"" + version + "\"");
    }
}

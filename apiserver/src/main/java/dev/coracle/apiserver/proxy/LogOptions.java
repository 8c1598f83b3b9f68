package dev.coracle.apiserver.proxy;

import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Timestamps;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** {@code PodLogOptions}: what of a log is wanted. */
record LogOptions(String container, boolean unverified, String query) {

    /** Reads and validates; the kubelet is told what is set. */
    static LogOptions of(String pod, Query q) {
        OptionalLong tail = q.number("tailLines");
        OptionalLong limit = q.number("limitBytes");
        OptionalLong seconds = q.number("sinceSeconds");
        String since = q.text("sinceTime");
        List<Cause> causes = new ArrayList<>();
        if (tail.isPresent() && tail.getAsLong() < 0) {
            causes.add(negative("tailLines", tail.getAsLong(), "must be greater than or equal to 0"));
        }
        if (limit.isPresent() && limit.getAsLong() < 1) {
            causes.add(negative("limitBytes", limit.getAsLong(), "must be greater than 0"));
        }
        if (seconds.isPresent() && !since.isEmpty()) {
            causes.add(new Cause(
                    "FieldValueForbidden",
                    "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified",
                    ""));
        } else if (seconds.isPresent() && seconds.getAsLong() < 1) {
            causes.add(negative("sinceSeconds", seconds.getAsLong(), "must be greater than 0"));
        }
        if (q.has("stream") && !q.text("stream").equals("All")) {
            causes.add(new Cause("FieldValueForbidden", "Forbidden: may not be specified", "stream"));
        }
        if (!causes.isEmpty()) {
            throw StatusException.invalid(new GroupVersionKind("", "v1", "PodLogOptions"), pod, causes);
        }
        Query.Writer w = new Query.Writer()
                .flag("follow", q.flag("follow"), "true")
                .flag("previous", q.flag("previous"), "true")
                .flag("timestamps", q.flag("timestamps"), "true");
        seconds.ifPresent(n -> w.add("sinceSeconds", "" + n));
        if (!since.isEmpty()) {
            w.add(
                    "sinceTime",
                    Timestamps.parse(since)
                            .map(Timestamps::format)
                            .orElseThrow(() -> StatusException.badRequest("parsing time \"" + since
                                    + "\" as \"2006-01-02T15:04:05Z07:00\": cannot parse (parameter sinceTime)")));
        }
        tail.ifPresent(n -> w.add("tailLines", "" + n));
        limit.ifPresent(n -> w.add("limitBytes", "" + n));
        return new LogOptions(q.text("container"), q.flag("insecureSkipTLSVerifyBackend"), w.toString());
    }

    private static Cause negative(String field, long value, String why) {
        return new Cause("FieldValueInvalid", "Invalid value: " + value + ": " + why, field);
    }
}

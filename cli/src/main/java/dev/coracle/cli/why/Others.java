package dev.coracle.cli.why;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Kinds that say themselves what is wrong with them, in their conditions. */
final class Others {
    /** Of which True is good news, in the order in which they are believed. */
    private static final List<String> GOOD =
            List.of("Ready", "Available", "Synced", "Established", "Valid", "Accepted");

    /** Reasons of those who have only begun. */
    private static final Set<String> BEGUN = Set.of("Progressing", "InProgress", "Creating", "Pending", "Initializing");

    private Others() {}

    static Optional<Finding> autoscaler(View view, Unstructured hpa) {
        Subject subject = Subject.of(hpa);
        for (String type : List.of("AbleToScale", "ScalingActive")) {
            Unstructured c = View.condition(hpa, type);
            String reason = c.string("reason");
            if (!c.string("status").equals("False") || reason.equals("ScalingDisabled")) {
                continue;
            }
            String message = c.string("message");
            List<String> evidence = List.of(type + " is False, " + reason + ": " + message);
            String target = hpa.string("spec", "scaleTargetRef", "kind").toLowerCase(Locale.ROOT) + "/"
                    + hpa.string("spec", "scaleTargetRef", "name");
            if (reason.equals("FailedGetScale")) {
                return Optional.of(new Finding(
                        subject,
                        "ScaleTargetNotFound",
                        "What it is to scale, " + target + ", cannot be found.",
                        evidence,
                        "kubectl " + subject.flag() + "edit hpa " + hpa.name()));
            }
            if (message.contains("missing request for")) {
                String what = message.replaceFirst("(?s).*missing request for (\\w+).*", "$1");
                return Optional.of(new Finding(
                        subject,
                        "NoRequests",
                        "It scales by a share of what pods ask for, and a container of " + target + " asks for no "
                                + what + ".",
                        evidence,
                        "kubectl " + subject.flag() + "set resources " + target + " --requests=" + what + "=…"));
            }
            return Optional.of(new Finding(
                    subject,
                    reason,
                    reason.startsWith("FailedGet")
                            ? "It cannot get the metric that it scales by: " + message
                            : "It does not scale: " + message,
                    evidence,
                    "kubectl " + subject.flag() + "describe hpa " + hpa.name()));
        }
        return Optional.empty();
    }

    static Optional<Finding> namespace(View view, Unstructured namespace) {
        if (!namespace.string("status", "phase").equals("Terminating")) {
            return Optional.empty();
        }
        for (String type : List.of(
                "NamespaceDeletionDiscoveryFailure",
                "NamespaceDeletionGroupVersionParsingFailure",
                "NamespaceDeletionContentFailure",
                "NamespaceFinalizersRemaining",
                "NamespaceContentRemaining")) {
            Unstructured c = View.condition(namespace, type);
            if (!c.string("status").equals("True")
                    || view.since(namespace.time("metadata", "deletionTimestamp"))
                                    .toSeconds()
                            < 30) {
                continue;
            }
            boolean api = type.equals("NamespaceDeletionDiscoveryFailure");
            return Optional.of(new Finding(
                    Subject.of(namespace),
                    type.replace("NamespaceDeletion", "").replace("Namespace", ""),
                    api
                            ? "It cannot be emptied since an extension API server does not answer: "
                                    + c.string("message")
                            : "It is deleted, and something in it stays: " + c.string("message"),
                    List.of(type + " is True: " + c.string("message")),
                    api
                            ? "kubectl get apiservices"
                            : "kubectl -n " + namespace.name() + " get all  # and the finalizers of what is left"));
        }
        return Optional.empty();
    }

    /** An extension API server, a custom resource, whatever has conditions. */
    static Optional<Finding> byConditions(View view, Unstructured object) {
        for (String type : GOOD) {
            Unstructured c = View.condition(object, type);
            if (!c.string("status").equals("False") || BEGUN.contains(c.string("reason"))) {
                continue;
            }
            Subject subject = Subject.of(object);
            String reason = c.stringOr("Not" + type, "reason");
            return Optional.of(new Finding(
                    subject,
                    reason,
                    "It says of itself that it is not " + type + ": " + c.stringOr(reason, "message"),
                    List.of(type + " is False, " + reason + ": " + c.string("message")),
                    "kubectl " + subject.flag() + "describe " + subject.path()));
        }
        return Optional.empty();
    }
}

package dev.coracle.cli.why;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Why the API server takes no more pods of an owner, from what it answered. */
final class Refusals {
    private static final Pattern QUOTA =
            Pattern.compile("exceeded quota: ([^,]+), requested: (.+?), used: (.+?), limited: (.+)$", Pattern.DOTALL);
    private static final Pattern ACCOUNT = Pattern.compile("serviceaccount \"([^\"]+)\" not found");
    private static final Pattern WEBHOOK = Pattern.compile("failed calling webhook \"([^\"]+)\"");
    private static final Pattern DENIED = Pattern.compile("admission webhook \"([^\"]+)\" denied the request:? ?(.*)");

    private Refusals() {}

    static Finding of(Unstructured owner, String message) {
        Subject subject = Subject.of(owner);
        List<String> evidence = List.of("FailedCreate: " + message);
        Matcher quota = QUOTA.matcher(message);
        if (quota.find()) {
            return new Finding(
                    subject,
                    "QuotaExceeded",
                    "Its namespace may have no more: the ResourceQuota \"" + quota.group(1) + "\" allows "
                            + quota.group(4) + ", in use is " + quota.group(3) + ", and one more pod wants "
                            + quota.group(2) + ".",
                    evidence,
                    "kubectl " + subject.flag() + "describe quota " + quota.group(1));
        }
        if (message.contains("failed quota:") || message.contains("must specify")) {
            return new Finding(
                    subject,
                    "QuotaWantsRequests",
                    "A ResourceQuota of its namespace counts what its pods do not say: "
                            + message.replaceFirst("(?s).*failed quota: ", "") + ".",
                    evidence,
                    "kubectl " + subject.flag() + "set resources " + subject.path()
                            + " --requests=cpu=…,memory=… --limits=cpu=…,memory=…");
        }
        Matcher account = ACCOUNT.matcher(message);
        if (account.find()) {
            return new Finding(
                    subject,
                    "ServiceAccountNotFound",
                    "Its pods are to run as the ServiceAccount \"" + account.group(1) + "\", which does not exist.",
                    evidence,
                    "kubectl " + subject.flag() + "create serviceaccount "
                            + account.group(1).replaceFirst(".*/", ""));
        }
        if (message.contains("violates PodSecurity")) {
            return new Finding(
                    subject,
                    "PodSecurity",
                    "Its pods break the pod security standard of their namespace: "
                            + message.replaceFirst("(?s).*violates PodSecurity ", "") + ".",
                    evidence,
                    "kubectl " + subject.flag() + "edit " + subject.path()
                            + "  # securityContext; or the namespace's pod-security labels");
        }
        Matcher webhook = WEBHOOK.matcher(message);
        if (webhook.find()) {
            return new Finding(
                    subject,
                    "WebhookUnreachable",
                    "Pods must be shown to the admission webhook \"" + webhook.group(1)
                            + "\" first, and it does not answer.",
                    evidence,
                    "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations");
        }
        Matcher denied = DENIED.matcher(message);
        if (denied.find()) {
            return new Finding(
                    subject,
                    "WebhookDenied",
                    "The admission webhook \"" + denied.group(1) + "\" refuses its pods: " + denied.group(2),
                    evidence,
                    "kubectl " + subject.flag() + "edit " + subject.path());
        }
        if (message.contains("ValidatingAdmissionPolicy")) {
            return new Finding(
                    subject,
                    "PolicyDenied",
                    "A ValidatingAdmissionPolicy refuses its pods: "
                            + message.replaceFirst("(?s).*?(ValidatingAdmissionPolicy )", "$1"),
                    evidence,
                    "kubectl get validatingadmissionpolicies,validatingadmissionpolicybindings");
        }
        if (message.contains("maximum") || message.contains("minimum")) {
            return new Finding(
                    subject,
                    "LimitRange",
                    "Its pods are outside of what a LimitRange of their namespace allows: "
                            + message.replaceFirst("(?s).*is forbidden: ", "") + ".",
                    evidence,
                    "kubectl " + subject.flag() + "describe limitrange");
        }
        return new Finding(
                subject,
                "PodsRefused",
                "The API server takes none of its pods: " + message.replaceFirst("^Error creating: ", ""),
                evidence,
                "kubectl " + subject.flag() + "describe " + subject.path());
    }
}

package dev.coracle.cli.why;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** An image that cannot be had. */
final class Images {
    private Images() {}

    static Finding of(View view, Unstructured pod, Unstructured container, String reason, String message) {
        String image = container.string("image");
        String who = "The image \"" + image + "\" of its container \"" + container.string("name") + "\" ";
        Subject subject = Subject.of(pod);
        // With the back-off the kubelet says what it said before; the event says it still.
        String told = view.warning(pod, "Failed")
                .map(e -> e.string("message"))
                .filter(m -> m.contains(image))
                .map(m -> message + " " + m)
                .orElse(message);
        List<String> evidence = List.of(reason + ": " + message);
        String mend = "kubectl " + subject.flag() + "set image " + owner(pod) + " " + container.string("name")
                + "=IMAGE:TAG  # `coracle image ls` shows what is here";
        if (reason.equals("InvalidImageName")) {
            return new Finding(
                    subject, "InvalidImageName", who + "has a name that is no image's: " + message, evidence, mend);
        }
        if (reason.equals("ErrImageNeverPull")) {
            return new Finding(
                    subject,
                    "ImageNotPresent",
                    who + "is not on its node, and its imagePullPolicy is Never.",
                    evidence,
                    "coracle image load FILE  # or imagePullPolicy: IfNotPresent");
        }
        if (has(
                told,
                "no basic auth",
                "unauthorized",
                "authentication required",
                "access denied",
                "denied:",
                "forbidden")) {
            return credentials(view, pod, who, evidence, mend);
        }
        Optional<Finding> other = otherTags(view, pod, image, who, evidence, mend);
        if (other.isPresent()) {
            return other.get();
        }
        if (has(told, "not found", "manifest unknown", "name unknown", "does not exist")) {
            return new Finding(
                    subject, "ImageNotFound", who + "does not exist: its name or its tag is wrong.", evidence, mend);
        }
        if (has(told, "x509", "certificate", "tls:", "PKIX")) {
            return new Finding(
                    subject,
                    "RegistryNotTrusted",
                    who + "lies in a registry whose certificate is not trusted.",
                    evidence,
                    "kubectl " + subject.flag() + "describe pod " + pod.name());
        }
        if (has(
                told,
                "no such host",
                "refused",
                "timeout",
                "timed out",
                "deadline",
                "unreachable",
                "connect",
                "resolve")) {
            return new Finding(
                    subject,
                    "RegistryUnreachable",
                    who + "lies in a registry that cannot be reached from the node.",
                    evidence,
                    "coracle image load FILE  # or mend the registry's name; without a network images are loaded");
        }
        return new Finding(subject, "ImagePullFailed", who + "cannot be pulled: " + message, evidence, mend);
    }

    /** What is on the node under the same name: then the tag is most likely a slip, whatever a registry says. */
    private static Optional<Finding> otherTags(
            View view, Unstructured pod, String image, String who, List<String> evidence, String mend) {
        String repository = repository(image);
        List<String> here = view.get(Resources.NODES, "", pod.string("spec", "nodeName")).stream()
                .flatMap(n -> n.objects("status", "images").stream())
                .flatMap(i -> i.stringList("names").stream())
                .filter(n -> repository(n).equals(repository) && !n.contains("@"))
                .map(n -> n.substring(n.lastIndexOf(':') + 1))
                .distinct()
                .sorted()
                .toList();
        return here.isEmpty() || image.contains("@")
                ? Optional.empty()
                : Optional.of(new Finding(
                        Subject.of(pod),
                        "ImageNotFound",
                        who + "cannot be had; of that name its node has the tags " + String.join(", ", here) + ".",
                        evidence,
                        mend));
    }

    /** {@code docker.io/library/nginx} of {@code nginx:1.29}. */
    private static String repository(String image) {
        String name = image.replaceFirst("@.*", "").replaceFirst(":[^/:]*$", "");
        String first = name.contains("/") ? name.substring(0, name.indexOf('/')) : "";
        boolean host = first.contains(".") || first.contains(":") || first.equals("localhost");
        return host ? name : "docker.io/" + (name.contains("/") ? name : "library/" + name);
    }

    private static Finding credentials(View view, Unstructured pod, String who, List<String> evidence, String mend) {
        Subject subject = Subject.of(pod);
        for (Unstructured secret : pod.objects("spec", "imagePullSecrets")) {
            String name = secret.string("name");
            if (view.missing(Resources.SECRETS, pod.namespace(), name)) {
                return new Finding(
                        subject,
                        "PullSecretNotFound",
                        who + "wants credentials, and its imagePullSecret \"" + name + "\" does not exist.",
                        evidence,
                        registrySecret(subject, name));
            }
        }
        boolean given = !pod.objects("spec", "imagePullSecrets").isEmpty();
        return new Finding(
                subject,
                "ImagePullDenied",
                who
                        + (given
                                ? "may not be pulled with the credentials that it has, or does not exist."
                                : "wants credentials, and the pod has no imagePullSecrets; or it does not exist."),
                evidence,
                given ? mend : registrySecret(subject, "NAME"));
    }

    private static String registrySecret(Subject pod, String name) {
        return "kubectl " + pod.flag() + "create secret docker-registry " + name
                + " --docker-server=… --docker-username=… --docker-password=…";
    }

    /** What is edited to change the pod. */
    static String owner(Unstructured pod) {
        return pod.controllerOf()
                .map(o -> switch (o.kind()) {
                    // A ReplicaSet's name is its Deployment's with a hash behind it.
                    case "ReplicaSet" -> "deployment/" + o.name().replaceFirst("-[^-]*$", "");
                    default -> o.kind().toLowerCase(Locale.ROOT) + "/" + o.name();
                })
                .orElse("pod/" + pod.name());
    }

    private static boolean has(String text, String... words) {
        return Arrays.stream(words).anyMatch(text::contains);
    }
}

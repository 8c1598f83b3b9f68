package dev.coracle.cli.why;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Optional;

/** The ConfigMaps and Secrets that a container takes its environment from. */
final class Configuration {
    private Configuration() {}

    /** @param status of the container, which waits with {@code CreateContainerConfigError} */
    static Finding of(View view, Unstructured pod, Unstructured container, Unstructured status) {
        String at = "The container \"" + container.string("name") + "\"";
        for (Unstructured from : container.objects("envFrom")) {
            for (boolean config : new boolean[] {true, false}) {
                Unstructured ref = from.object(config ? "configMapRef" : "secretRef");
                Optional<Finding> found = absent(view, pod, ref, config, at);
                if (found.isPresent()) {
                    return found.get();
                }
            }
        }
        for (Unstructured env : container.objects("env")) {
            for (boolean config : new boolean[] {true, false}) {
                Unstructured ref = env.object("valueFrom", config ? "configMapKeyRef" : "secretKeyRef");
                String of = at + ", for its variable " + env.string("name") + ",";
                Optional<Finding> found = absent(view, pod, ref, config, of);
                if (found.isPresent()) {
                    return found.get();
                }
            }
        }
        String message = status.string("state", "waiting", "message");
        boolean root = message.contains("runAsNonRoot") || message.contains("run as root");
        return new Finding(
                Subject.of(pod),
                root ? "RunsAsRoot" : "ContainerConfigError",
                root
                        ? at + " may not run as root, and its image does: " + message
                        : at + " cannot be configured: " + message,
                List.of("CreateContainerConfigError: " + message),
                root
                        ? "kubectl explain pod.spec.securityContext.runAsUser  # give it a user, or take another image"
                        : "kubectl " + Subject.of(pod).flag() + "describe pod " + pod.name());
    }

    private static Optional<Finding> absent(View view, Unstructured pod, Unstructured ref, boolean config, String at) {
        String name = ref.string("name");
        if (name.isEmpty() || ref.bool("optional")) {
            return Optional.empty();
        }
        GroupVersionResource r = config ? Resources.CONFIG_MAPS : Resources.SECRETS;
        if (view.missing(r, pod.namespace(), name)) {
            return Optional.of(missing(pod, config ? "ConfigMap" : "Secret", name, at));
        }
        String key = ref.string("key");
        return key.isEmpty()
                ? Optional.empty()
                : view.get(r, pod.namespace(), name)
                        .filter(o -> !o.has("data", key) && !o.has("binaryData", key))
                        .map(o -> keyless(pod, o, key, at));
    }

    static Finding missing(Unstructured pod, String kind, String name, String who) {
        String word = kind.equals("Secret") ? "secret generic " : "configmap ";
        return new Finding(
                Subject.of(pod),
                kind + "NotFound",
                who + " wants the " + kind + " \"" + name + "\", which does not exist in " + pod.namespace() + ".",
                List.of(kind + " " + pod.namespace() + "/" + name + ": not found"),
                "kubectl " + Subject.of(pod).flag() + "create " + word + name
                        + " --from-literal=KEY=VALUE  # or mend the name");
    }

    static Finding keyless(Unstructured pod, Unstructured object, String key, String who) {
        // Names of keys, never what they hold.
        List<String> keys =
                object.object("data").map().keySet().stream().sorted().toList();
        return new Finding(
                Subject.of(pod),
                "KeyNotFound",
                who + " wants the key \"" + key + "\" of the " + object.kind() + " \"" + object.name()
                        + "\", which has no such key.",
                List.of(object.kind() + " " + object.name() + " has: "
                        + (keys.isEmpty() ? "nothing" : String.join(", ", keys))),
                "kubectl " + Subject.of(pod).flag() + "edit "
                        + Subject.of(object).path());
    }
}

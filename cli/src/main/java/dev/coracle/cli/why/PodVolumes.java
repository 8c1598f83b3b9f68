package dev.coracle.cli.why;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a pod mounts, and its sandbox: what is done before its first container. */
final class PodVolumes implements Check {
    @Override
    public Optional<Finding> look(View view, Unstructured pod) {
        boolean waits = all(pod).stream()
                .allMatch(s -> s.string("state", "waiting", "reason").matches("ContainerCreating|PodInitializing|"));
        boolean began = all(pod).stream().anyMatch(s -> s.has("state", "running") || s.has("lastState", "terminated"));
        if (pod.string("spec", "nodeName").isEmpty() || !waits || began) {
            return Optional.empty();
        }
        for (Unstructured volume : pod.objects("spec", "volumes")) {
            Optional<Finding> found = source(view, pod, volume);
            if (found.isPresent()) {
                return found;
            }
        }
        Optional<Unstructured> mount = view.warning(pod, "FailedMount", "FailedAttachVolume", "FailedMapVolume");
        if (mount.isPresent()) {
            return found(
                    pod,
                    "MountFailed",
                    "A volume cannot be mounted: " + mount.get().string("message"),
                    mount.get());
        }
        return view.warning(pod, "FailedCreatePodSandBox", "NetworkNotReady")
                .flatMap(e -> found(
                        pod,
                        "SandboxFailed",
                        "Its node cannot make a sandbox or a network for it: " + e.string("message"),
                        e));
    }

    private static List<Unstructured> all(Unstructured pod) {
        List<Unstructured> all = new ArrayList<>(pod.objects("status", "initContainerStatuses"));
        all.addAll(pod.objects("status", "containerStatuses"));
        return all;
    }

    private static Optional<Finding> source(View view, Unstructured pod, Unstructured volume) {
        List<Unstructured> sources = new ArrayList<>(List.of(volume));
        sources.addAll(volume.objects("projected", "sources"));
        for (Unstructured s : sources) {
            Optional<Finding> found = object(
                            view, pod, volume, s.object("configMap"), s.string("configMap", "name"), true)
                    .or(() -> object(
                            view,
                            pod,
                            volume,
                            s.object("secret"),
                            s.string("secret", s == volume ? "secretName" : "name"),
                            false));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<Finding> object(
            View view, Unstructured pod, Unstructured volume, Unstructured source, String name, boolean config) {
        if (name.isEmpty() || source.bool("optional")) {
            return Optional.empty();
        }
        GroupVersionResource r = config ? Resources.CONFIG_MAPS : Resources.SECRETS;
        String kind = config ? "ConfigMap" : "Secret";
        String at = "volume \"" + volume.string("name") + "\"";
        if (view.missing(r, pod.namespace(), name)) {
            return Optional.of(Configuration.missing(pod, kind, name, "Its " + at));
        }
        Optional<Unstructured> object = view.get(r, pod.namespace(), name);
        for (Unstructured item : source.objects("items")) {
            String key = item.string("key");
            if (object.isPresent()
                    && !object.get().has("data", key)
                    && !object.get().has("binaryData", key)) {
                return Optional.of(Configuration.keyless(pod, object.get(), key, "Its " + at));
            }
        }
        return Optional.empty();
    }

    private static Optional<Finding> found(Unstructured pod, String code, String cause, Unstructured event) {
        return Optional.of(new Finding(
                Subject.of(pod),
                code,
                cause,
                List.of("event " + event.string("reason") + ": " + event.string("message")),
                "kubectl " + Subject.of(pod).flag() + "describe pod " + pod.name()));
    }
}

package dev.coracle.apiserver.admission;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes into a pod what its RuntimeClass costs and where it can run. */
final class RuntimeClass implements AdmissionPlugin {
    private final Objects objects;

    RuntimeClass(Objects objects) {
        this.objects = objects;
    }

    @Override
    public void admit(AdmissionRequest request) {
        if (request.creates(Resources.PODS)) {
            Optional<Unstructured> wanted = wanted(request);
            if (wanted.isPresent()) {
                overhead(request, wanted.get());
                scheduling(request, wanted.get());
            }
        }
    }

    /** Nobody claims a cost that no class has. */
    @Override
    public void validate(AdmissionRequest request) {
        if (!request.creates(Resources.PODS)) {
            return;
        }
        Map<String, String> told = request.object().strings("spec", "overhead");
        Map<String, String> real =
                wanted(request).map(c -> c.strings("overhead", "podFixed")).orElse(Map.of());
        if (told.isEmpty() || told.equals(real)) {
            return;
        }
        throw refuse(
                request,
                real.isEmpty()
                        ? "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
                        : "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    }

    private Optional<Unstructured> wanted(AdmissionRequest request) {
        String name = request.object().string("spec", "runtimeClassName");
        if (name.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(objects.get(Resources.RUNTIME_CLASSES, "", name)
                .map(Revision::object)
                .orElseThrow(() -> refuse(request, "pod rejected: RuntimeClass \"" + name + "\" not found")));
    }

    private static void overhead(AdmissionRequest request, Unstructured wanted) {
        if (!wanted.has("overhead")) {
            return;
        }
        Map<String, String> fixed = wanted.strings("overhead", "podFixed");
        Unstructured pod = request.object();
        if (pod.has("spec", "overhead") && !pod.strings("spec", "overhead").equals(fixed)) {
            throw refuse(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
        }
        pod.set(new LinkedHashMap<>(fixed), "spec", "overhead");
    }

    private static void scheduling(AdmissionRequest request, Unstructured wanted) {
        Unstructured pod = request.object();
        Map<String, String> selector = pod.strings("spec", "nodeSelector");
        wanted.strings("scheduling", "nodeSelector").forEach((key, value) -> {
            String own = selector.get(key);
            if (own != null && !own.equals(value)) {
                throw refuse(
                        request,
                        "conflict: runtimeClass.scheduling.nodeSelector[" + key + "] = " + value
                                + "; pod.spec.nodeSelector[" + key + "] = " + own);
            }
            pod.set(value, "spec", "nodeSelector", key);
        });
        List<Unstructured> own = pod.objects("spec", "tolerations");
        for (Unstructured t : wanted.objects("scheduling", "tolerations")) {
            if (!own.contains(t)) {
                pod.add(new Unstructured(Json.copy(t.map())), "spec", "tolerations");
            }
        }
    }

    private static StatusException refuse(AdmissionRequest request, String why) {
        return StatusException.forbidden(request.resource(), request.name(), why);
    }
}

package dev.coracle.apiserver.admission;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import dev.coracle.machinery.quota.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A pod that has its node may not ask for more than the node could ever give it: no waiting would help. */
final class PodResizeValidator implements AdmissionPlugin {
    private final Objects objects;

    PodResizeValidator(Objects objects) {
        this.objects = objects;
    }

    @Override
    public void validate(AdmissionRequest request) {
        String name = request.object().string("spec", "nodeName");
        if (!request.resizesPod()
                || name.isEmpty()
                || request.object().object("spec").equals(request.oldObject().object("spec"))) {
            return;
        }
        Unstructured node = objects.get(Resources.NODES, "", name)
                .orElseThrow(() -> refuse(request, "node \"" + name + "\" not found"))
                .object();
        String os = node.labels().getOrDefault("kubernetes.io/os", "linux");
        if (!os.equals("linux")) {
            throw because(
                    refuse(
                            request,
                            "pod resize is only supported on linux nodes, node \"" + name + "\" is \"" + os + "\""),
                    "UnsupportedPlatform");
        }
        List<String> lacking = new ArrayList<>();
        Map<String, Quantity> usage = Usage.of(Resources.PODS, request.object());
        for (String resource : List.of("cpu", "memory")) {
            Quantity asked = request.object().has("spec", "resources", "requests", resource)
                    ? Quantity.of(request.object().get("spec", "resources", "requests", resource))
                            .plus(Quantity.of(
                                    request.object().strings("spec", "overhead").getOrDefault(resource, "0")))
                    : usage.getOrDefault(resource, Quantity.ZERO);
            Quantity has = Quantity.of(node.strings("status", "allocatable").getOrDefault(resource, "0"));
            if (asked.compareTo(has) > 0) {
                lacking.add(
                        resource + ", requested: " + units(resource, asked) + ", allocatable: " + units(resource, has));
            }
        }
        if (!lacking.isEmpty()) {
            throw because(
                    refuse(request, "node didn't have enough allocatable resources: " + String.join("; ", lacking)),
                    "NodeCapacity");
        }
    }

    private static long units(String resource, Quantity q) {
        return resource.equals("cpu") ? q.milli() : q.value();
    }

    private static StatusException refuse(AdmissionRequest request, String why) {
        return StatusException.forbidden(request.resource(), request.name(), why);
    }

    private static StatusException because(StatusException e, String cause) {
        e.details().add(Map.of("reason", cause), "causes");
        return e;
    }
}

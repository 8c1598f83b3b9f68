package dev.coracle.apiserver.admission;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Gives containers the namespace's default requests and limits, and holds them within its minimum and maximum. */
final class LimitRanger implements AdmissionPlugin {
    private static final GroupVersionResource LIMIT_RANGES = new GroupVersionResource("", "v1", "limitranges");

    private final Objects objects;

    LimitRanger(Objects objects) {
        this.objects = objects;
    }

    @Override
    public void admit(AdmissionRequest request) {
        if (!request.creates(Resources.PODS)) {
            return;
        }
        Unstructured pod = request.object();
        for (Unstructured limit : limits(request, "Container")) {
            List<String> done = new ArrayList<>();
            pod.objects("spec", "containers").forEach(c -> done.addAll(complete(c, "container", limit)));
            pod.objects("spec", "initContainers").forEach(c -> done.addAll(complete(c, "init container", limit)));
            if (!done.isEmpty()) {
                pod.set(
                        "LimitRanger plugin set: " + String.join("; ", done),
                        "metadata",
                        "annotations",
                        "kubernetes.io/limit-ranger");
            }
        }
    }

    /** What was filled in, as the annotation tells it: {@code cpu, memory request for container web}. */
    private static List<String> complete(Unstructured container, String what, Unstructured limit) {
        Set<String> requests = new TreeSet<>();
        Set<String> limits = new TreeSet<>();
        // A request that is not given follows a given limit, so the default request must not undercut it.
        limit.strings("defaultRequest").forEach((r, amount) -> {
            if (!container.has("resources", "requests", r) && !container.has("resources", "limits", r)) {
                container.set(amount, "resources", "requests", r);
                requests.add(r);
            }
        });
        limit.strings("default").forEach((r, amount) -> {
            if (!container.has("resources", "limits", r)) {
                container.set(amount, "resources", "limits", r);
                limits.add(r);
                if (!container.has("resources", "requests", r)) {
                    container.set(amount, "resources", "requests", r);
                    requests.add(r);
                }
            }
        });
        List<String> done = new ArrayList<>();
        if (!requests.isEmpty()) {
            done.add(String.join(", ", requests) + " request for " + what + " " + container.string("name"));
        }
        if (!limits.isEmpty()) {
            done.add(String.join(", ", limits) + " limit for " + what + " " + container.string("name"));
        }
        return done;
    }

    @Override
    public void validate(AdmissionRequest request) {
        List<String> errors = new ArrayList<>();
        if (request.creates(Resources.PODS) || request.resizesPod()) {
            for (Unstructured limit : limits(request, "Container")) {
                for (Unstructured c : containers(request.object())) {
                    check(
                            limit,
                            "Container",
                            c.strings("resources", "requests"),
                            c.strings("resources", "limits"),
                            errors);
                }
            }
        } else if (request.creates(Resources.PERSISTENT_VOLUME_CLAIMS)) {
            Map<String, String> asked = request.object().strings("spec", "resources", "requests");
            for (Unstructured limit : limits(request, "PersistentVolumeClaim")) {
                check(limit, "PersistentVolumeClaim", asked, asked, errors);
            }
        }
        if (!errors.isEmpty()) {
            String text = errors.size() == 1 ? errors.getFirst() : "[" + String.join(", ", errors) + "]";
            throw StatusException.forbidden(request.resource(), request.name(), text);
        }
    }

    private static void check(
            Unstructured limit,
            String type,
            Map<String, String> requests,
            Map<String, String> limits,
            List<String> errors) {
        limit.strings("min").forEach((r, min) -> {
            String asked = requests.get(r);
            if (asked == null) {
                errors.add("minimum " + r + " usage per " + type + " is " + min + ".  No request is specified");
            } else if (Quantity.parse(asked).compareTo(Quantity.parse(min)) < 0) {
                errors.add("minimum " + r + " usage per " + type + " is " + min + ", but request is " + asked);
            }
        });
        limit.strings("max").forEach((r, max) -> {
            String most = limits.get(r);
            if (most == null) {
                errors.add("maximum " + r + " usage per " + type + " is " + max + ".  No limit is specified");
            } else if (Quantity.parse(most).compareTo(Quantity.parse(max)) > 0) {
                errors.add("maximum " + r + " usage per " + type + " is " + max + ", but limit is " + most);
            }
        });
    }

    private List<Unstructured> limits(AdmissionRequest request, String type) {
        return objects.list(LIMIT_RANGES, request.namespace()).stream()
                .map(Revision::object)
                .flatMap(l -> l.objects("spec", "limits").stream())
                .filter(l -> l.string("type").equals(type))
                .toList();
    }

    private static List<Unstructured> containers(Unstructured pod) {
        List<Unstructured> all = new ArrayList<>(pod.objects("spec", "initContainers"));
        all.addAll(pod.objects("spec", "containers"));
        return all;
    }
}

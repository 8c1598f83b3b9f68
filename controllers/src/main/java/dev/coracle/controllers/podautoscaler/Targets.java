package dev.coracle.controllers.podautoscaler;

import dev.coracle.client.ApiResource;
import dev.coracle.client.Client;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is scaled: objects of any kind, of which only their scale is known. */
final class Targets {
    private static final WriteOptions SCALE =
            new WriteOptions("scale", WriteOptions.DEFAULT.fieldManager(), false, false);

    /** An object's scale as it was read. */
    record Target(GroupVersionResource resource, Unstructured scale) {
        long replicas() {
            return scale.integer(0, "spec", "replicas");
        }

        long there() {
            return scale.integer(0, "status", "replicas");
        }

        String selector() {
            return scale.string("status", "selector");
        }
    }

    private final Client client;

    Targets(Client client) {
        this.client = client;
    }

    /** @throws UnmeasuredException when there is no such object, or none that has a scale */
    Target find(Unstructured hpa) {
        Unstructured ref = hpa.object("spec", "scaleTargetRef");
        String apiVersion = ref.string("apiVersion");
        if (apiVersion.chars().filter(c -> c == '/').count() > 1) {
            throw new UnmeasuredException("unexpected GroupVersion string: " + apiVersion);
        }
        @Nullable UnmeasuredException first = null;
        for (GroupVersionResource r : resources(client, GroupVersionKind.of(apiVersion, ref.kind()))) {
            try {
                return new Target(r, client.scale(r, hpa.namespace(), ref.string("name")));
            } catch (StatusException | UncheckedIOException e) {
                first = first != null ? first : new UnmeasuredException(String.valueOf(e.getMessage()));
            }
        }
        throw first != null ? first : new UnmeasuredException("unrecognized resource");
    }

    /** @throws UnmeasuredException when the scale is not what was read, or cannot be written */
    void scale(Target target, long replicas) {
        try {
            client.update(target.resource(), target.scale().copy().set(replicas, "spec", "replicas"), SCALE);
        } catch (StatusException | UncheckedIOException e) {
            throw new UnmeasuredException(String.valueOf(e.getMessage()));
        }
    }

    /** Those of a kind, in whatever version. @throws UnmeasuredException when there are none */
    static List<GroupVersionResource> resources(Client client, GroupVersionKind kind) {
        List<GroupVersionResource> found = client.resources().stream()
                .filter(r ->
                        r.kind().equals(kind.kind()) && r.resource().group().equals(kind.group()))
                .map(ApiResource::resource)
                .toList();
        if (found.isEmpty()) {
            throw new UnmeasuredException(
                    "no matches for kind " + Json.string(kind.kind()) + " in group " + Json.string(kind.group()));
        }
        return found;
    }
}

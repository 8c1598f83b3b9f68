package dev.coracle.apiserver.admission.webhook;

import dev.coracle.apiserver.admission.Objects;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import java.util.Comparator;
import java.util.List;

/** The webhooks of all configurations of one kind, by the configurations' names; read again only when one changed. */
final class Configurations {
    private record Read(long version, List<Webhook> webhooks) {}

    private final Objects objects;
    private final GroupVersionResource resource;
    private volatile Read read = new Read(-1, List.of());

    Configurations(Objects objects, String resource) {
        this.objects = objects;
        this.resource = new GroupVersionResource("admissionregistration.k8s.io", "v1", resource);
    }

    List<Webhook> webhooks() {
        long version = objects.version(resource);
        Read now = read;
        if (now.version() != version) {
            now = new Read(
                    version,
                    objects.list(resource, "").stream()
                            .sorted(Comparator.comparing(Revision::name))
                            .flatMap(r -> Webhook.of(r).stream())
                            .toList());
            read = now;
        }
        return now.webhooks();
    }
}

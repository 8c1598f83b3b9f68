package dev.coracle.cli.kubectl.resource;

import dev.coracle.client.https.RestClient;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import java.util.List;
import java.util.Locale;

/** A resource as discovery tells of it. */
public record ApiResource(
        GroupVersionResource resource,
        String kind,
        String singular,
        List<String> shortNames,
        List<String> categories,
        List<String> verbs,
        boolean namespaced) {

    public GroupVersionKind groupVersionKind() {
        return new GroupVersionKind(resource.group(), resource.version(), kind);
    }

    /** {@code deployment.apps}, {@code pod}: what stands before {@code /NAME} in messages. */
    public String qualified() {
        String lower = kind.toLowerCase(Locale.ROOT);
        return resource.group().isEmpty() ? lower : lower + "." + resource.group();
    }

    /** {@code namespace} for namespaced resources, else {@code ""}. */
    public String scope(String namespace) {
        return namespaced ? namespace : "";
    }

    public String path(String namespace, String name) {
        return RestClient.path(resource, scope(namespace), name, "");
    }
}

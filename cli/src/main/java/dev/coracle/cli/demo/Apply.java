package dev.coracle.cli.demo;

import dev.coracle.client.Client;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.Map;

/**
 * Brings objects to the state that their manifests tell: creates them, or merges the manifest into what is there. Fields
 * that a manifest does not name are left alone, whoever set them.
 */
final class Apply {
    private static final Map<String, GroupVersionResource> KINDS = Map.of(
            "Namespace", Resources.NAMESPACES,
            "ConfigMap", Resources.CONFIG_MAPS,
            "Secret", Resources.SECRETS,
            "PersistentVolumeClaim", Resources.PERSISTENT_VOLUME_CLAIMS,
            "Service", Resources.SERVICES,
            "Deployment", Resources.DEPLOYMENTS,
            "Ingress", Resources.INGRESSES);

    private final Client client;
    private final WriteOptions options;

    Apply(Client client, String fieldManager) {
        this.client = client;
        this.options = WriteOptions.DEFAULT.as(fieldManager);
    }

    void apply(Unstructured manifest) {
        GroupVersionResource resource = KINDS.get(manifest.kind());
        if (resource == null) {
            throw new IllegalArgumentException("the demo cannot apply a " + manifest.kind() + ": " + manifest.name());
        }
        try {
            client.create(resource, manifest.namespace(), manifest, options);
        } catch (StatusException e) {
            if (!e.isAlreadyExists()) {
                throw refused(manifest, e);
            }
            merge(resource, manifest);
        }
    }

    /** A merge patch carries no resourceVersion, so another's write in between is no conflict. */
    private void merge(GroupVersionResource resource, Unstructured manifest) {
        try {
            client.patch(resource, manifest.namespace(), manifest.name(), Patch.strategic(manifest), options);
        } catch (StatusException e) {
            throw refused(manifest, e);
        }
    }

    private static IllegalStateException refused(Unstructured manifest, StatusException e) {
        return new IllegalStateException(
                "cannot apply " + manifest.kind() + " " + manifest.name() + ": " + e.getMessage(), e);
    }
}

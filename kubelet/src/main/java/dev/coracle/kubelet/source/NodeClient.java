package dev.coracle.kubelet.source;

import dev.coracle.client.Client;
import dev.coracle.client.ForwardingClient;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;

/** The API as the pod workers see it: what their pods name comes from {@link NamedObjects}, all else from the server. */
public final class NodeClient extends ForwardingClient {
    private final NamedObjects named;

    public NodeClient(Client server, NamedObjects named) {
        super(server);
        this.named = named;
    }

    @Override
    public Revision get(GroupVersionResource resource, String namespace, String name) {
        if (resource.equals(Resources.SECRETS) || resource.equals(Resources.CONFIG_MAPS)) {
            return named.find(resource, namespace, name).orElseGet(() -> to.get(resource, namespace, name));
        }
        try {
            return to.get(resource, namespace, name);
        } catch (StatusException e) {
            // A node may read the pods that are on it, and workers ask for no others: such a pod is no more.
            throw e.code() == 403 && resource.equals(Resources.PODS) ? StatusException.notFound(resource, name) : e;
        }
    }
}

package dev.coracle.client.election;

import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ForwardingClient;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.function.BooleanSupplier;

/** Writes while its holder leads. Work that is in the middle of something ends at its next write. */
final class LeadersClient extends ForwardingClient {
    private final BooleanSupplier leads;

    LeadersClient(Client to, BooleanSupplier leads) {
        super(to);
        this.leads = leads;
    }

    private Client leader() {
        if (!leads.getAsBoolean()) {
            throw new StatusException(503, "ServiceUnavailable", "leader election lost");
        }
        return to;
    }

    @Override
    public Revision create(GroupVersionResource resource, String namespace, Unstructured object, WriteOptions options) {
        return leader().create(resource, namespace, object, options);
    }

    @Override
    public Revision update(GroupVersionResource resource, Unstructured object, WriteOptions options) {
        return leader().update(resource, object, options);
    }

    @Override
    public Revision patch(
            GroupVersionResource resource, String namespace, String name, Patch patch, WriteOptions options) {
        return leader().patch(resource, namespace, name, patch, options);
    }

    @Override
    public Revision delete(GroupVersionResource resource, String namespace, String name, DeleteOptions options) {
        return leader().delete(resource, namespace, name, options);
    }

    @Override
    public Unstructured post(
            GroupVersionResource resource, String namespace, String name, String subresource, Unstructured body) {
        return leader().post(resource, namespace, name, subresource, body);
    }
}

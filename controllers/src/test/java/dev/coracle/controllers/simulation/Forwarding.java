package dev.coracle.controllers.simulation;

import dev.coracle.client.Client;
import dev.coracle.client.ForwardingClient;
import dev.coracle.client.ListOptions;
import dev.coracle.client.RevisionList;
import dev.coracle.client.WatchEvent;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;

/** For those that see, hear or do one thing differently. */
class Forwarding extends ForwardingClient {
    Forwarding(Client to) {
        super(to);
    }

    /** What the controllers see instead of an object. */
    Revision seen(Revision r) {
        return r;
    }

    /** Whether they hear of an event. */
    boolean hears(WatchEvent event) {
        return true;
    }

    /** As the controllers see it. */
    static Revision changed(Revision r, Unstructured object) {
        return new Revision(r.resource(), r.version(), object.json(), object);
    }

    @Override
    public Revision get(GroupVersionResource resource, String namespace, String name) {
        return seen(to.get(resource, namespace, name));
    }

    @Override
    public RevisionList list(GroupVersionResource resource, String namespace, ListOptions options) {
        RevisionList list = to.list(resource, namespace, options);
        return new RevisionList(
                list.items().stream().map(this::seen).toList(),
                list.resourceVersion(),
                list.continueToken(),
                list.remaining());
    }

    @Override
    public Watch watch(GroupVersionResource resource, String namespace, ListOptions options, WatchListener listener) {
        return to.watch(resource, namespace, options, new WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                if (hears(event)) {
                    listener.onEvent(new WatchEvent(event.type(), seen(event.revision())));
                }
            }

            @Override
            public void onClosed(StatusException cause) {
                listener.onClosed(cause);
            }
        });
    }
}

package dev.coracle.client;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Informers over a client, one for each resource and field selector that is asked for. */
public final class ClientInformers implements Informers {
    private record Selection(GroupVersionResource resource, String fieldSelector) {}

    private final Client client;
    private final Environment environment;
    private final Map<Selection, WatchingInformer> informers = new LinkedHashMap<>();
    private boolean started;

    public ClientInformers(Client client, Environment environment) {
        this.client = client;
        this.environment = environment;
    }

    @Override
    public Informer of(GroupVersionResource resource) {
        return of(resource, "");
    }

    @Override
    public synchronized Informer of(GroupVersionResource resource, String fieldSelector) {
        return informers.computeIfAbsent(new Selection(resource, fieldSelector), s -> {
            var informer = new WatchingInformer(client, environment, resource, fieldSelector);
            if (started) {
                informer.start();
            }
            return informer;
        });
    }

    @Override
    public void forget(GroupVersionResource resource) {
        WatchingInformer gone;
        synchronized (this) {
            gone = informers.remove(new Selection(resource, ""));
        }
        if (gone != null) {
            gone.close();
        }
    }

    @Override
    public synchronized void start() {
        if (!started) {
            started = true;
            informers.values().forEach(WatchingInformer::start);
        }
    }

    @Override
    public boolean awaitSync(Duration timeout) {
        long began = environment.clock().nanos();
        for (WatchingInformer informer : all()) {
            Duration left = timeout.minus(environment.clock().elapsed(began));
            if (!informer.awaitSync(left)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        all().forEach(WatchingInformer::close);
    }

    private synchronized List<WatchingInformer> all() {
        return new ArrayList<>(informers.values());
    }
}

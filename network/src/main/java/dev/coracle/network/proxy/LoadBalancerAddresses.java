package dev.coracle.network.proxy;

import dev.coracle.client.Client;
import dev.coracle.client.Informer;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.network.HostCommand;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The cluster's load balancer, as cloud-provider-kind is for kind: gives each LoadBalancer Service an address of the
 * host and writes it to the Service's status. Owned by the proxy's one task.
 */
final class LoadBalancerAddresses {
    private final ServiceProxyConfig config;
    private final Client client;
    private final Informer services;
    private final Map<ObjectKey, String> given = new HashMap<>();

    LoadBalancerAddresses(ServiceProxyConfig config, Client client, Informer services) {
        this.config = config;
        this.client = client;
        this.services = services;
    }

    /** Gives, keeps or takes back the address of a Service, which is null when it was deleted. */
    void reconcile(ObjectKey key, @Nullable Unstructured service) {
        if (service == null || !wants(service)) {
            String ip = given.remove(key);
            if (ip != null) {
                HostCommand.run("ip", "addr", "del", ip + "/32", "dev", "lo");
            }
            return;
        }
        String written = service.objects("status", "loadBalancer", "ingress").stream()
                .map(i -> i.string("ip"))
                .filter(ip -> ip.startsWith(config.loadBalancerPrefix()))
                .findFirst()
                .orElse("");
        String ip = given.containsKey(key) ? given.get(key) : written.isEmpty() ? free() : written;
        if (ip == null) {
            return;
        }
        if (!ip.equals(given.put(key, ip))) {
            HostCommand.must("", "ip", "addr", "replace", ip + "/32", "dev", "lo");
        }
        if (!ip.equals(written)) {
            var ingress = new Unstructured(new LinkedHashMap<>()).set(ip, "ip").set("VIP", "ipMode");
            var patch =
                    new Unstructured(new LinkedHashMap<>()).set(List.of(ingress), "status", "loadBalancer", "ingress");
            client.patch(
                    Resources.SERVICES,
                    key.namespace(),
                    key.name(),
                    Patch.merge(patch),
                    WriteOptions.STATUS.as("service-controller"));
        }
    }

    private static boolean wants(Unstructured service) {
        return !service.isDeleting()
                && service.string("spec", "type").equals("LoadBalancer")
                && service.string("spec", "loadBalancerClass").isEmpty();
    }

    private @Nullable String free() {
        Set<String> taken = new HashSet<>(given.values());
        for (Revision r : services.list()) {
            r.object().objects("status", "loadBalancer", "ingress").forEach(i -> taken.add(i.string("ip")));
        }
        for (int n = ServiceProxyConfig.FIRST_LOAD_BALANCER; n <= ServiceProxyConfig.LAST_LOAD_BALANCER; n++) {
            if (!taken.contains(config.loadBalancerPrefix() + n)) {
                return config.loadBalancerPrefix() + n;
            }
        }
        return null;
    }

    void close() {
        List<String> all = new ArrayList<>(given.values());
        given.clear();
        all.forEach(ip -> HostCommand.run("ip", "addr", "del", ip + "/32", "dev", "lo"));
    }
}

package dev.coracle.network.dns;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;

/**
 * One address and port behind a Service's name.
 *
 * @param host the label that names one endpoint of a headless Service: the pod's hostname, or its IP with dashes;
 *     {@code ""} for a Service with a cluster IP
 * @param port 0 for a headless Service without ports
 */
record Target(String host, String ip, String portName, String protocol, int port) {

    static List<Target> of(Unstructured service, List<Unstructured> slices) {
        return service.string("spec", "clusterIP").equals("None") ? endpoints(service, slices) : virtual(service);
    }

    private static List<Target> virtual(Unstructured service) {
        List<Target> targets = new ArrayList<>();
        for (Unstructured p : service.objects("spec", "ports")) {
            targets.add(new Target(
                    "", service.string("spec", "clusterIP"), p.string("name"), p.stringOr("TCP", "protocol"), (int)
                            p.integer(0, "port")));
        }
        return targets;
    }

    /** Each of its own. */
    static List<Target> endpoints(Unstructured service, List<Unstructured> slices) {
        List<Target> targets = new ArrayList<>();
        boolean unready = service.bool("spec", "publishNotReadyAddresses");
        for (Unstructured slice : slices) {
            if (!slice.stringOr("IPv4", "addressType").equals("IPv4")) {
                continue;
            }
            for (Unstructured e : slice.objects("endpoints")) {
                boolean ready = !e.has("conditions", "ready") || e.bool("conditions", "ready");
                if (!ready && !unready) {
                    continue;
                }
                for (String ip : e.stringList("addresses")) {
                    String host = e.stringOr(ip.replace('.', '-'), "hostname");
                    List<Unstructured> ports = slice.objects("ports");
                    for (Unstructured p : ports) {
                        targets.add(new Target(
                                host, ip, p.string("name"), p.stringOr("TCP", "protocol"), (int) p.integer(0, "port")));
                    }
                    if (ports.isEmpty()) {
                        targets.add(new Target(host, ip, "", "TCP", 0));
                    }
                }
            }
        }
        return targets;
    }
}

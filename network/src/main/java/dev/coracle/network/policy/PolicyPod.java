package dev.coracle.network.policy;

import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.network.Ipv4;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What policies see of a pod.
 *
 * @param ports numbers of named container ports, by {@code NAME/PROTOCOL}: of two with one name the first, and those of sidecars
 *     last
 */
record PolicyPod(ObjectKey key, String ip, Map<String, String> labels, Map<String, Long> ports) {
    private static final Set<String> OVER = Set.of("Succeeded", "Failed");
    private static final int LAST_PORT = 65_535;

    /** Empty for one that has no address of its own: it has none yet, has ended, or has its node's. */
    static Optional<PolicyPod> of(Unstructured pod) {
        String ip = pod.string("status", "podIP");
        if (!Ipv4.isAddress(ip) || OVER.contains(pod.string("status", "phase")) || pod.bool("spec", "hostNetwork")) {
            return Optional.empty();
        }
        Map<String, Long> ports = new HashMap<>();
        List<Unstructured> containers = new ArrayList<>(pod.objects("spec", "containers"));
        pod.objects("spec", "initContainers").stream()
                .filter(c -> c.string("restartPolicy").equals("Always"))
                .forEach(containers::add);
        for (Unstructured c : containers) {
            for (Unstructured p : c.objects("ports")) {
                long number = p.integer(0, "containerPort");
                if (!p.string("name").isEmpty() && number > 0 && number <= LAST_PORT) {
                    ports.putIfAbsent(p.string("name") + "/" + p.stringOr("TCP", "protocol"), number);
                }
            }
        }
        return Optional.of(new PolicyPod(
                new ObjectKey(pod.namespace(), pod.name()), ip, Map.copyOf(pod.labels()), Map.copyOf(ports)));
    }

    /** The one that answers for names, which here is no pod. */
    static PolicyPod dns(String ip) {
        return new PolicyPod(
                new ObjectKey("kube-system", ""),
                ip,
                Map.of("k8s-app", "kube-dns"),
                Map.of("dns/UDP", 53L, "dns-tcp/TCP", 53L));
    }
}

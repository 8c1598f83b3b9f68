package dev.coracle.controllers;

import dev.coracle.controllers.nodeipam.ClusterRange;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * @param volumes where provisioned local volumes lie
 * @param caCertificate what the root CA publisher puts into every namespace, PEM
 * @param caKey of the same authority, PEM, to sign certificates that the API is asked for; empty where none are signed
 * @param tokens signs the tokens of Secrets; empty where none are
 * @param nodeGrace how long a node may be silent before it is not ready; upstream's default is 50 s
 * @param controllers which of them run, as the option {@code --controllers} of kube-controller-manager: {@code *} for all,
 *     {@code foo} for that one, {@code -foo} for all but that one; of several that speak of one the first counts
 * @param addons what runs besides, which {@code controllers} can only leave out
 * @param address where nodes and pods find what controllers serve; empty where nothing is asked of them
 * @param ranges from which nodes that bring no range for their pods are given one
 */
public record ControllersConfig(
        Path volumes,
        String caCertificate,
        String caKey,
        Optional<Tokens> tokens,
        Duration nodeGrace,
        List<String> controllers,
        List<Addon> addons,
        String address,
        NodeRanges ranges) {
    public static final List<String> ALL = List.of("*");

    /** Signs tokens that do not end by themselves. */
    @FunctionalInterface
    public interface Tokens {
        /** One of {@code account}, good while {@code secret} has it. */
        String sign(Unstructured account, Unstructured secret);
    }

    /**
     * Without any nodes are left as they are, as without {@code --allocate-node-cidrs}.
     *
     * @param cluster one of each address family
     * @param reserved what is not given away: the Services' addresses, and what nodes that are to come will bring
     */
    public record NodeRanges(List<ClusterRange> cluster, List<String> reserved) {
        static final NodeRanges NONE = new NodeRanges(List.of(), List.of());
    }

    /** All of them, without anything to sign with. */
    public ControllersConfig(Path volumes, String caCertificate, Duration nodeGrace) {
        this(volumes, caCertificate, "", Optional.empty(), nodeGrace, ALL, List.of(), "", NodeRanges.NONE);
    }

    public ControllersConfig signing(String key, Tokens signer) {
        return new ControllersConfig(
                volumes, caCertificate, key, Optional.of(signer), nodeGrace, controllers, addons, address, ranges);
    }

    public ControllersConfig controllers(List<String> selection) {
        return new ControllersConfig(
                volumes, caCertificate, caKey, tokens, nodeGrace, selection, addons, address, ranges);
    }

    public ControllersConfig ranges(List<ClusterRange> cluster, List<String> reserved) {
        return new ControllersConfig(
                volumes,
                caCertificate,
                caKey,
                tokens,
                nodeGrace,
                controllers,
                addons,
                address,
                new NodeRanges(cluster, reserved));
    }

    /** @param servedAt where the add-ons' servers listen */
    public ControllersConfig addons(List<Addon> more, String servedAt) {
        return new ControllersConfig(
                volumes, caCertificate, caKey, tokens, nodeGrace, controllers, more, servedAt, ranges);
    }
}

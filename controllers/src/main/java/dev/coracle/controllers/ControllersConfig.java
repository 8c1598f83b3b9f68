package dev.coracle.controllers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * @param volumes where provisioned local volumes lie
 * @param caCertificate what the root CA publisher puts into every namespace, PEM
 * @param caKey of the same authority, PEM, to sign certificates that the API is asked for; empty where none are signed
 * @param nodeGrace how long a node may be silent before it is not ready; upstream's default is 50 s
 * @param controllers which of them run, as the option {@code --controllers} of kube-controller-manager: {@code *} for all,
 *     {@code foo} for that one, {@code -foo} for all but that one; of several that speak of one the first counts
 */
public record ControllersConfig(
        Path volumes, String caCertificate, String caKey, Duration nodeGrace, List<String> controllers) {
    public static final List<String> ALL = List.of("*");

    public ControllersConfig(Path volumes, String caCertificate, String caKey, Duration nodeGrace) {
        this(volumes, caCertificate, caKey, nodeGrace, ALL);
    }

    public ControllersConfig controllers(List<String> selection) {
        return new ControllersConfig(volumes, caCertificate, caKey, nodeGrace, selection);
    }
}

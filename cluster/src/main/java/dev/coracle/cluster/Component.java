package dev.coracle.cluster;

import java.util.List;
import java.util.Map;

/**
 * A part of this process that is shown as the pod that other clusters run it in, so that the commands that look at it work:
 * {@code kubectl get pods -n ingress-nginx}, {@code kubectl logs -n kube-system kube-scheduler-coracle-control-plane}.
 *
 * @param name of the container and of the log file
 * @param pod its pod's name begins with it; the node's name follows
 * @param loggers whose lines go to its log
 * @param everywhere whether other clusters run it on every node, rather than on the control plane's
 */
record Component(
        String name,
        String namespace,
        String pod,
        Map<String, Object> labels,
        List<String> loggers,
        boolean everywhere) {
    static final List<Component> ALL = List.of(
            controlPlane("etcd", "store"),
            controlPlane("kube-apiserver", "apiserver"),
            controlPlane(
                    "kube-controller-manager",
                    "kube-controller-manager",
                    "workqueue",
                    "informer",
                    "client",
                    "sealed-secrets",
                    "external-secrets"),
            controlPlane("kube-scheduler", "kube-scheduler"),
            system("kube-proxy", Map.of("k8s-app", "kube-proxy"), true),
            system("coredns", Map.of("k8s-app", "kube-dns"), false),
            new Component(
                    "controller",
                    "ingress-nginx",
                    "ingress-nginx-controller",
                    Map.of(
                            "app.kubernetes.io/name",
                            "ingress-nginx",
                            "app.kubernetes.io/instance",
                            "ingress-nginx",
                            "app.kubernetes.io/component",
                            "controller"),
                    List.of("ingress-nginx"),
                    false));

    private static Component controlPlane(String name, String... loggers) {
        return new Component(
                name, "kube-system", name, Map.of("component", name, "tier", "control-plane"), List.of(loggers), false);
    }

    private static Component system(String name, Map<String, Object> labels, boolean everywhere) {
        return new Component(name, "kube-system", name, labels, List.of(name), everywhere);
    }
}

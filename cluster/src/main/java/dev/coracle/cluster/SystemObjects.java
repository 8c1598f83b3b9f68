package dev.coracle.cluster;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Addon;
import dev.coracle.controllers.sealedsecrets.Furniture;
import dev.coracle.controllers.volume.VolumeController;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a cluster comes with besides its namespaces: the Services of API server and DNS, default classes, and what it says
 * of itself to those who do not belong to it yet.
 */
final class SystemObjects {
    private final Client client;

    private static final String INFO = "cluster-info";
    private static final String INFO_READERS = "kubeadm:bootstrap-signer-clusterinfo";

    SystemObjects(Client client) {
        this.client = client;
    }

    void ensure(ClusterNetwork network, int apiPort) {
        create(Resources.NAMESPACES, Unstructured.of("v1", "Namespace", "", "ingress-nginx"));
        service(
                "default",
                "kubernetes",
                Map.of("component", "apiserver", "provider", "kubernetes"),
                network.apiServiceIp(),
                port("https", 443, apiPort, "TCP"));
        Unstructured slice = Unstructured.of("discovery.k8s.io/v1", "EndpointSlice", "default", "kubernetes")
                .set("kubernetes", "metadata", "labels", "kubernetes.io/service-name")
                .set("IPv4", "addressType");
        slice.add(
                Unstructured.parse("{\"addresses\":[\"" + network.nodeIp(0) + "\"],\"conditions\":{\"ready\":true}}"),
                "endpoints");
        slice.add(Unstructured.parse("{\"name\":\"https\",\"port\":" + apiPort + ",\"protocol\":\"TCP\"}"), "ports");
        create(Resources.ENDPOINT_SLICES, slice);
        Unstructured endpoints = Unstructured.of("v1", "Endpoints", "default", "kubernetes")
                // Its slice is written above.
                .set("true", "metadata", "labels", "endpointslice.kubernetes.io/skip-mirror");
        endpoints.add(
                Unstructured.parse("{\"addresses\":[{\"ip\":\"" + network.nodeIp(0)
                        + "\"}],\"ports\":[{\"name\":\"https\",\"port\":" + apiPort + ",\"protocol\":\"TCP\"}]}"),
                "subsets");
        create(Resources.ENDPOINTS, endpoints);
        service(
                "kube-system",
                "kube-dns",
                Map.of("k8s-app", "kube-dns", "kubernetes.io/cluster-service", "true", "kubernetes.io/name", "CoreDNS"),
                network.dnsServiceIp(),
                port("dns", 53, 53, "UDP"),
                port("dns-tcp", 53, 53, "TCP"));
        create(
                Resources.STORAGE_CLASSES,
                Unstructured.of("storage.k8s.io/v1", "StorageClass", "", "standard")
                        .set("true", "metadata", "annotations", "storageclass.kubernetes.io/is-default-class")
                        .set(VolumeController.PROVISIONER, "provisioner")
                        .set("Delete", "reclaimPolicy")
                        .set("WaitForFirstConsumer", "volumeBindingMode"));
        create(
                Resources.INGRESS_CLASSES,
                Unstructured.of("networking.k8s.io/v1", "IngressClass", "", "nginx")
                        .set("true", "metadata", "annotations", "ingressclass.kubernetes.io/is-default-class")
                        .set("k8s.io/ingress-nginx", "spec", "controller"));
    }

    /** What is asked for besides; of what is not any more, what leads to it. */
    void addons(List<Addon> addons) {
        if (addons.contains(Addon.SEALED_SECRETS)) {
            Furniture.put(client);
        } else {
            Furniture.remove(client);
        }
        if (addons.contains(Addon.EXTERNAL_SECRETS)) {
            dev.coracle.controllers.externalsecrets.Furniture.put(client);
        }
    }

    /**
     * Where the cluster is and by which authority it is known, for all the world to read: there is nothing secret in it, and
     * who joins checks its signature with a token. As kubeadm writes it, with its role, and like there what is there is
     * left as it is.
     */
    void tell(String server, String caPem) {
        create(
                Resources.CONFIG_MAPS,
                Unstructured.of("v1", "ConfigMap", "kube-public", INFO)
                        .set(Kubeconfig.ofNobody(server, caPem), "data", "kubeconfig"));
        create(
                Resources.ROLES,
                Unstructured.of("rbac.authorization.k8s.io/v1", "Role", "kube-public", INFO_READERS)
                        .add(
                                Unstructured.parse("{\"apiGroups\":[\"\"],\"resources\":[\"configmaps\"],"
                                        + "\"resourceNames\":[\"" + INFO + "\"],\"verbs\":[\"get\"]}"),
                                "rules"));
        create(
                Resources.ROLE_BINDINGS,
                Unstructured.of("rbac.authorization.k8s.io/v1", "RoleBinding", "kube-public", INFO_READERS)
                        .set(
                                Map.of("apiGroup", "rbac.authorization.k8s.io", "kind", "Role", "name", INFO_READERS),
                                "roleRef")
                        .add(
                                Unstructured.parse("{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"User\","
                                        + "\"name\":\"" + UserInfo.ANONYMOUS.name() + "\"}"),
                                "subjects"));
    }

    private static Unstructured port(String name, int port, int target, String protocol) {
        return new Unstructured(new LinkedHashMap<>())
                .set(name, "name")
                .set((long) port, "port")
                .set((long) target, "targetPort")
                .set(protocol, "protocol");
    }

    private void service(String namespace, String name, Map<String, Object> labels, String ip, Unstructured... ports) {
        Unstructured s = Unstructured.of("v1", "Service", namespace, name)
                .set(labels, "metadata", "labels")
                .set(ip, "spec", "clusterIP");
        for (Unstructured port : ports) {
            s.add(port, "spec", "ports");
        }
        create(Resources.SERVICES, s);
    }

    private void create(GroupVersionResource resource, Unstructured object) {
        try {
            client.get(resource, object.namespace(), object.name());
        } catch (StatusException e) {
            if (!e.isNotFound()) {
                throw e;
            }
            client.create(resource, object.namespace(), object, WriteOptions.DEFAULT);
        }
    }
}

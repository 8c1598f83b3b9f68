package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.admission.AdmissionRequest.Operation;
import dev.coracle.apiserver.authorization.NodeAuthorizer;
import dev.coracle.client.PodReferences;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a kubelet may write depends on the object, which {@link NodeAuthorizer} does not see: only its own node, without
 * the labels and taints by which others steer pods to it; only the status of its own pods; only mirror pods that name
 * nothing; only tokens of its own pods.
 */
final class NodeRestriction implements AdmissionPlugin {
    private static final String OWN_LEASE = "can only access node lease with the same name as the requesting node";

    /** The labels under kubernetes.io and k8s.io that tell what a kubelet knows best. */
    private static final Set<String> LABELS = Set.of(
            "kubernetes.io/hostname",
            "topology.kubernetes.io/zone",
            "topology.kubernetes.io/region",
            "failure-domain.beta.kubernetes.io/zone",
            "failure-domain.beta.kubernetes.io/region",
            "beta.kubernetes.io/instance-type",
            "node.kubernetes.io/instance-type",
            "kubernetes.io/os",
            "kubernetes.io/arch",
            "beta.kubernetes.io/os",
            "beta.kubernetes.io/arch");

    private final dev.coracle.apiserver.admission.Objects objects;

    NodeRestriction(dev.coracle.apiserver.admission.Objects objects) {
        this.objects = objects;
    }

    @Override
    public void admit(AdmissionRequest request) {
        Optional<String> identity = NodeAuthorizer.node(request.user());
        // Whether a connection may be made, authorization says.
        if (identity.isEmpty() || request.operation() == Operation.CONNECT) {
            return;
        }
        String node = identity.get();
        check(
                request,
                !node.isEmpty(),
                "could not determine node from user \"" + request.user().name() + "\"");
        GroupVersionResource r = request.resource();
        if (r.equals(Resources.PODS)) {
            pod(request, node);
        } else if (r.equals(Resources.NODES)) {
            node(request, node);
        } else if (r.equals(Resources.PERSISTENT_VOLUME_CLAIMS)) {
            claim(request, node);
        } else if (r.equals(Resources.SERVICE_ACCOUNTS)) {
            token(request, node);
        } else if (r.equals(Resources.LEASES)) {
            check(
                    request,
                    request.namespace().equals("kube-node-lease"),
                    "can only access leases in the \"kube-node-lease\" system namespace");
            check(request, request.name().equals(node), OWN_LEASE);
        } else if (r.equals(Resources.CSI_NODES)) {
            check(
                    request,
                    request.name().equals(node),
                    "can only access CSINode with the same name as the requesting node");
        }
    }

    private static void check(AdmissionRequest request, boolean fine, String why) {
        if (!fine) {
            throw StatusException.forbidden(request.resource(), request.name(), why);
        }
    }

    private static void unexpected(AdmissionRequest request) {
        check(request, false, "unexpected operation \"" + request.operation() + "\"");
    }

    private Unstructured existing(AdmissionRequest request) {
        return objects.get(Resources.PODS, request.namespace(), request.name())
                .map(Revision::object)
                .orElseThrow(() -> StatusException.notFound(Resources.PODS, request.name()));
    }

    private static boolean isOn(String node, Unstructured pod) {
        return pod.string("spec", "nodeName").equals(node);
    }

    // ---- pods

    private void pod(AdmissionRequest request, String node) {
        String named = "node \"" + node + "\" ";
        switch (request.subresource()) {
            case "" -> {
                switch (request.operation()) {
                    case CREATE -> mirror(request, node, named);
                    case DELETE ->
                        check(
                                request,
                                isOn(node, existing(request)),
                                named + "can only delete pods with spec.nodeName set to itself");
                    default ->
                        check(
                                request,
                                false,
                                "unexpected operation \"" + request.operation() + "\", " + named
                                        + "can only create and delete mirror pods");
                }
            }
            case "status" -> {
                if (request.operation() != Operation.UPDATE) {
                    unexpected(request);
                }
                Unstructured old = request.oldObject();
                Unstructured next = request.object();
                check(
                        request,
                        isOn(node, old),
                        named + "can only update pod status for pods with spec.nodeName set to itself");
                check(request, old.labels().equals(next.labels()), named + "cannot update labels through pod status");
                check(
                        request,
                        Objects.equals(
                                old.get("status", "resourceClaimStatuses"),
                                next.get("status", "resourceClaimStatuses")),
                        named + "cannot update resource claim statues");
            }
            case "eviction" ->
                check(
                        request,
                        isOn(node, existing(request)),
                        "node " + node + " can only evict pods with spec.nodeName set to itself");
            default ->
                check(
                        request,
                        false,
                        "unexpected pod subresource \"" + request.subresource()
                                + "\", only 'status' and 'eviction' are allowed");
        }
    }

    private void mirror(AdmissionRequest request, String node, String named) {
        Unstructured pod = request.object();
        PodReferences references = PodReferences.of(pod);
        check(
                request,
                references.mirror(),
                "pod does not have \"" + PodReferences.MIRROR + "\" annotation, " + named
                        + "can only create mirror pods");
        check(request, isOn(node, pod), named + "can only create pods with spec.nodeName set to itself");
        List<Unstructured> owners = pod.objects("metadata", "ownerReferences");
        check(request, owners.size() <= 1, named + "can only create pods with a single owner reference set to itself");
        Unstructured owner = owners.isEmpty() ? new Unstructured(Map.of()) : owners.getFirst();
        check(
                request,
                owner.apiVersion().equals("v1")
                        && owner.kind().equals("Node")
                        && owner.string("name").equals(node),
                named + "can only create pods with an owner reference set to itself");
        check(
                request,
                owner.bool("controller"),
                named + "can only create pods with a controller owner reference set to itself");
        check(
                request,
                !owner.bool("blockOwnerDeletion"),
                named + "must not set blockOwnerDeletion on an owner reference");
        String uid = objects.get(Resources.NODES, "", node)
                .orElseThrow(() -> StatusException.notFound(Resources.NODES, node))
                .uid();
        check(
                request,
                owner.string("uid").equals(uid),
                "node " + node + " UID mismatch: expected " + owner.string("uid") + " got " + uid);
        String cannot = named + "can not create pods that reference ";
        check(request, references.account().isEmpty(), cannot + "a service account");
        check(request, references.secrets().isEmpty(), cannot + "secrets");
        check(request, references.configMaps().isEmpty(), cannot + "configmaps");
        check(
                request,
                pod.objects("spec", "volumes").stream()
                        .flatMap(v -> v.objects("projected", "sources").stream())
                        .noneMatch(s -> s.has("clusterTrustBundle")),
                cannot + "clustertrustbundles");
        check(request, references.claims().isEmpty(), cannot + "persistentvolumeclaims");
        check(request, pod.objects("spec", "resourceClaims").isEmpty(), cannot + "resourceclaims");
    }

    // ---- nodes

    private static void node(AdmissionRequest request, String node) {
        String named = "node \"" + node + "\" ";
        check(request, request.name().equals(node), named + "is not allowed to modify node \"" + request.name() + "\"");
        Unstructured next = request.object();
        Unstructured old = request.oldObject();
        if (request.operation() == Operation.CREATE) {
            check(
                    request,
                    !next.has("spec", "configSource"),
                    named + "is not allowed to create pods with a non-nil configSource");
            Set<String> forbidden = forbidden(next.labels(), Map.of());
            check(
                    request,
                    forbidden.isEmpty(),
                    named + "is not allowed to set the following labels: " + String.join(", ", forbidden));
        }
        if (request.operation() == Operation.UPDATE) {
            check(
                    request,
                    !next.has("spec", "configSource")
                            || Objects.equals(next.get("spec", "configSource"), old.get("spec", "configSource")),
                    named + "is not allowed to update configSource to a new non-nil configSource");
            check(
                    request,
                    next.objects("spec", "taints").equals(old.objects("spec", "taints")),
                    named + "is not allowed to modify taints");
            Set<String> forbidden = forbidden(next.labels(), old.labels());
            check(request, forbidden.isEmpty(), "is not allowed to modify labels: " + String.join(", ", forbidden));
        }
    }

    /** Of the labels that differ those that are not the kubelet's. */
    private static Set<String> forbidden(Map<String, String> next, Map<String, String> old) {
        Set<String> keys = new HashSet<>(next.keySet());
        keys.addAll(old.keySet());
        Set<String> forbidden = new TreeSet<>();
        for (String key : keys) {
            String domain = key.contains("/") ? key.substring(0, key.indexOf('/')) : "";
            boolean restricted = under(domain, "node-restriction.kubernetes.io");
            boolean kubernetes = under(domain, "kubernetes.io") || under(domain, "k8s.io");
            boolean kubelet = LABELS.contains(key)
                    || under(domain, "kubelet.kubernetes.io")
                    || under(domain, "node.kubernetes.io");
            if ((restricted || kubernetes && !kubelet) && !Objects.equals(next.get(key), old.get(key))) {
                forbidden.add(key);
            }
        }
        return forbidden;
    }

    private static boolean under(String domain, String parent) {
        return domain.equals(parent) || domain.endsWith("." + parent);
    }

    // ---- others

    private static void claim(AdmissionRequest request, String node) {
        check(request, request.subresource().equals("status"), "may only update PVC status");
        if (request.operation() != Operation.UPDATE) {
            unexpected(request);
        }
        check(
                request,
                essence(request.object()).equals(essence(request.oldObject())),
                "node \"" + node
                        + "\" is not allowed to update fields other than status.capacity and status.conditions");
    }

    /** A claim without what its node may write, and without what a write changes by itself. */
    private static Unstructured essence(Unstructured claim) {
        Unstructured copy = claim.copy();
        Stream.of("capacity", "conditions", "allocatedResources", "allocatedResourceStatuses")
                .forEach(f -> copy.remove("status", f));
        return copy.remove("metadata", "resourceVersion").remove("metadata", "managedFields");
    }

    private void token(AdmissionRequest request, String node) {
        if (request.operation() != Operation.CREATE || !request.subresource().equals("token")) {
            return;
        }
        Unstructured ref = request.object().object("spec", "boundObjectRef");
        check(
                request,
                ref.apiVersion().equals("v1")
                        && ref.kind().equals("Pod")
                        && !ref.string("name").isEmpty(),
                "node requested token not bound to a pod");
        check(request, !ref.string("uid").isEmpty(), "node requested token with a pod binding without a uid");
        Unstructured pod = objects.get(Resources.PODS, request.namespace(), ref.string("name"))
                .map(Revision::object)
                .orElseThrow(() -> StatusException.notFound(Resources.PODS, ref.string("name")));
        check(
                request,
                pod.uid().equals(ref.string("uid")),
                "the UID in the bound object reference (" + ref.string("uid") + ") does not match the UID in record."
                        + " The object might have been deleted and then recreated");
        check(request, isOn(node, pod), "node requested token bound to a pod scheduled on a different node");
    }
}

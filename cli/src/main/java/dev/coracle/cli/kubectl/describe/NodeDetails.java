package dev.coracle.cli.kubectl.describe;

import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** {@code describe node}: with its pods, and how much of it they ask for. */
final class NodeDetails {
    private static final String ROLE = "node-role.kubernetes.io/";

    private NodeDetails() {}

    static void write(Description d, Session session, Unstructured o) {
        d.line("Name:\t" + o.name());
        d.line("Roles:\t"
                + Description.orNone(o.labels().keySet().stream()
                        .filter(k -> k.startsWith(ROLE))
                        .map(k -> k.substring(ROLE.length()))
                        .sorted()
                        .collect(Collectors.joining(","))));
        d.labels("Labels", o.labels())
                .annotations("Annotations", o.annotations())
                .line("CreationTimestamp:\t" + d.time(o.time("metadata", "creationTimestamp")));
        String lead = "Taints:";
        for (Unstructured t : o.objects("spec", "taints")) {
            String value = t.string("value");
            d.line(lead + "\t" + t.string("key") + (value.isEmpty() ? "" : "=" + value) + ":" + t.string("effect"));
            lead = "";
        }
        if (!lead.isEmpty()) {
            d.line(lead + "\t<none>");
        }
        d.line("Unschedulable:\t" + o.bool("spec", "unschedulable"));
        lease(d, session, o.name());
        status(d, o);
        d.field("PodCIDR", o.string("spec", "podCIDR"))
                .field("PodCIDRs", String.join(",", o.stringList("spec", "podCIDRs")))
                .field("ProviderID", o.string("spec", "providerID"));
        pods(d, session, o);
    }

    private static void lease(Description d, Session session, String name) {
        try {
            Unstructured lease = session.client()
                    .get(Resources.LEASES, "kube-node-lease", name)
                    .object();
            d.line("Lease:");
            String holder = lease.string("spec", "holderIdentity");
            d.line(1, "HolderIdentity:\t" + (holder.isEmpty() ? "<unset>" : holder));
            for (String field : List.of("acquireTime", "renewTime")) {
                d.line(
                        1,
                        (field.equals("acquireTime") ? "AcquireTime:\t" : "RenewTime:\t")
                                + (lease.has("spec", field) ? d.time(lease.time("spec", field)) : "<unset>"));
            }
        } catch (StatusException e) {
            d.line("Lease:\tFailed to get lease: " + e.getMessage());
        }
    }

    private static void status(Description d, Unstructured o) {
        List<Unstructured> conditions = o.objects("status", "conditions");
        if (!conditions.isEmpty()) {
            d.line("Conditions:")
                    .line("  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage")
                    .line(1, "----\t------\t-----------------\t------------------\t------\t-------");
            for (Unstructured c : conditions) {
                d.line(
                        1,
                        c.string("type") + " \t" + c.string("status") + " \t"
                                + d.time(c.time("lastHeartbeatTime")) + " \t" + d.time(c.time("lastTransitionTime"))
                                + " \t"
                                + c.string("reason") + " \t" + c.string("message"));
            }
        }
        d.line("Addresses:");
        o.objects("status", "addresses").forEach(a -> d.line(1, a.string("type") + ":\t" + a.string("address")));
        for (String list : List.of("capacity", "allocatable")) {
            d.line(list.equals("capacity") ? "Capacity:" : "Allocatable:");
            new TreeMap<>(o.strings("status", list)).forEach((k, v) -> d.line(1, k + ":\t" + v));
        }
        Unstructured info = o.object("status", "nodeInfo");
        d.line("System Info:")
                .line("  Machine ID:\t" + info.string("machineID"))
                .line("  System UUID:\t" + info.string("systemUUID"))
                .line("  Boot ID:\t" + info.string("bootID"))
                .line("  Kernel Version:\t" + info.string("kernelVersion"))
                .line("  OS Image:\t" + info.string("osImage"))
                .line("  Operating System:\t" + info.string("operatingSystem"))
                .line("  Architecture:\t" + info.string("architecture"))
                .line("  Container Runtime Version:\t" + info.string("containerRuntimeVersion"))
                .line("  Kubelet Version:\t" + info.string("kubeletVersion"))
                .line("  Kube-Proxy Version:\t" + info.string("kubeProxyVersion"));
    }

    private static void pods(Description d, Session session, Unstructured node) {
        String fields = "spec.nodeName=" + node.name() + ",status.phase!=Failed,status.phase!=Succeeded";
        List<Unstructured> pods = session.client().list(Resources.PODS, "", ListOptions.fields(fields)).items().stream()
                .map(Revision::object)
                .toList();
        d.line("Non-terminated Pods:\t(" + pods.size() + " in total)");
        d.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
        d.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
        for (Unstructured p : pods) {
            List<String> cells = new ArrayList<>();
            for (String resource : List.of("cpu", "memory")) {
                for (String list : List.of("requests", "limits")) {
                    cells.add(share(sum(List.of(p), list, resource), node, resource));
                }
            }
            d.line(
                    1,
                    p.namespace() + "\t" + p.name() + "\t\t" + String.join("\t", cells) + "\t"
                            + d.since(p.time("metadata", "creationTimestamp")));
        }
        d.line("Allocated resources:")
                .line("  (Total limits may be over 100 percent, i.e., overcommitted.)")
                .line(1, "Resource\tRequests\tLimits")
                .line(1, "--------\t--------\t------");
        for (String resource : List.of("cpu", "memory", "ephemeral-storage", "hugepages-1Gi", "hugepages-2Mi")) {
            if (!resource.startsWith("hugepages") || node.has("status", "allocatable", resource)) {
                d.line(
                        1,
                        resource + "\t" + share(sum(pods, "requests", resource), node, resource) + "\t"
                                + share(sum(pods, "limits", resource), node, resource));
            }
        }
    }

    private static Quantity sum(List<Unstructured> pods, String list, String resource) {
        Quantity sum = Quantity.ZERO;
        for (Unstructured p : pods) {
            for (Unstructured c : p.objects("spec", "containers")) {
                String amount = Description.scalar(c.get("resources", list, resource));
                sum = amount.isEmpty() ? sum : sum.plus(Quantity.parse(amount));
            }
        }
        return sum;
    }

    /** {@code 250m (12%)} */
    private static String share(Quantity amount, Unstructured node, String resource) {
        String all = Description.scalar(node.get("status", "allocatable", resource));
        double total = all.isEmpty() ? 0 : Quantity.parse(all).doubleValue();
        return amount + " (" + (total == 0 ? 0 : (long) (amount.doubleValue() / total * 100)) + "%)";
    }
}

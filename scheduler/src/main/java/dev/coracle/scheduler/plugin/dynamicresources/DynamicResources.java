package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeSelector;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Status;
import java.util.ArrayList;
import java.util.List;

/**
 * A pod goes where its devices are. Nobody here gives devices to claims: a claim that has none keeps its pod from every
 * node, and one to which another scheduler or a controller gave some, and reserved them for the pod, takes it to theirs.
 */
public final class DynamicResources implements Plugin.Filters {
    private static final Status ELSEWHERE = Status.unresolvable("resourceclaim not available on the node");
    private static final Status NO_DEVICES = Status.unresolvable("cannot allocate all claims");

    private final PodClaims claims;
    private final Informer claimed;
    private final Informer classes;

    public DynamicResources(Informers informers) {
        this.claimed = informers.of(Resources.RESOURCE_CLAIMS);
        this.classes = informers.of(Resources.DEVICE_CLASSES);
        this.claims = new PodClaims(claimed);
    }

    @Override
    public String name() {
        return "DynamicResources";
    }

    @Override
    public boolean synced() {
        return claimed.synced() && classes.synced();
    }

    @Override
    public NodeFilter preFilter(Cycle cycle) {
        Unstructured pod = cycle.pod().pod();
        if (pod.objects("spec", "resourceClaims").isEmpty()) {
            return NodeFilter.PASS;
        }
        PodClaims.Found found = claims.of(pod);
        if (!found.blocked().isEmpty()) {
            return NodeFilter.blocked(found.blocked());
        }
        List<NodeSelector> places = new ArrayList<>();
        boolean lacking = false;
        for (Unstructured claim : found.claims()) {
            if (!claim.has("status", "allocation")) {
                String missing = missingClass(claim);
                if (!missing.isEmpty()) {
                    return NodeFilter.blocked(missing);
                }
            }
            // Without a reservation its devices may be taken away while the pod has them.
            lacking |= !claim.has("status", "allocation") || !PodClaims.isReservedFor(pod, claim);
            if (claim.has("status", "allocation", "nodeSelector")) {
                places.add(NodeSelector.of(claim.objects("status", "allocation", "nodeSelector", "nodeSelectorTerms")));
            }
        }
        boolean none = lacking;
        return node -> {
            if (none) {
                return NO_DEVICES;
            }
            return places.stream().allMatch(p -> p.matches(node)) ? Status.OK : ELSEWHERE;
        };
    }

    private String missingClass(Unstructured claim) {
        for (Unstructured request : claim.objects("spec", "devices", "requests")) {
            String name = request.string("name");
            if (request.has("exactly") && !isThere(request.object("exactly"))) {
                return missing(name, request.object("exactly"));
            }
            for (Unstructured sub : request.objects("firstAvailable")) {
                if (!isThere(sub)) {
                    return missing(name + "/" + sub.string("name"), sub);
                }
            }
        }
        return "";
    }

    private boolean isThere(Unstructured request) {
        return classes.get("", request.string("deviceClassName")).isPresent();
    }

    private static String missing(String request, Unstructured of) {
        return "request " + request + ": device class " + of.string("deviceClassName") + " does not exist";
    }

    @Override
    public boolean isHelpedBy(PodInfo pod, ClusterEvent event) {
        if (!(event instanceof ClusterEvent.ObjectChanged o)) {
            return false;
        }
        return o.resource().equals(Resources.DEVICE_CLASSES)
                || o.resource().equals(Resources.RESOURCE_CLAIMS) && claims.concern(pod.pod(), o.key());
    }
}

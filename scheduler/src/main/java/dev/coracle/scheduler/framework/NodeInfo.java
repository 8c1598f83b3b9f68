package dev.coracle.scheduler.framework;

import dev.coracle.machinery.object.Unstructured;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A node and the pods that count on it. Immutable: a pod more or less makes another, which shares what is the same, so
 * that a decision may suppose pods away without a copy of the world.
 */
public final class NodeInfo {
    private static final PodInfo[] NOBODY = {};
    private static final int REMEMBERED_COUNTS = 64;
    private static final int NOTES = 8;

    /** What the Node object says; read once per change of it. */
    private record Facts(
            Unstructured node,
            String name,
            Map<String, String> labels,
            List<Taint> taints,
            boolean unschedulable,
            Map<String, Long> allocatable,
            Map<String, Long> images) {
        static Facts of(Unstructured node) {
            Map<String, Long> allocatable = new HashMap<>();
            node.object("status", "allocatable").map().forEach((k, v) -> allocatable.put(k, Request.units(k, v)));
            Map<String, Long> images = new HashMap<>();
            for (Unstructured i : node.objects("status", "images")) {
                i.stringList("names").forEach(n -> images.put(n, i.integer(0, "sizeBytes")));
            }
            return new Facts(
                    node,
                    node.name(),
                    node.labels(),
                    Taint.of(node),
                    node.bool("spec", "unschedulable"),
                    allocatable,
                    images);
        }
    }

    private final Facts facts;
    private final PodInfo[] pods;
    private final PodInfo[] affine;
    private final Map<String, Long> taken;
    private final long scoredCpu;
    private final long scoredMemory;
    /** How many pods a query counts here; filled as it is asked, and carried over to the next with one pod's difference. */
    private final Map<PodQuery, Integer> counts;
    /** Kinds of pods and what was found out for them, in turns; the last first. Of the scheduler's one thread. */
    private final @Nullable Object[] notes = new @Nullable Object[2 * NOTES];

    private NodeInfo(
            Facts facts,
            PodInfo[] pods,
            PodInfo[] affine,
            Map<String, Long> taken,
            long scoredCpu,
            long scoredMemory,
            Map<PodQuery, Integer> counts) {
        this.facts = facts;
        this.pods = pods;
        this.affine = affine;
        this.taken = taken;
        this.scoredCpu = scoredCpu;
        this.scoredMemory = scoredMemory;
        this.counts = counts;
    }

    public NodeInfo(Unstructured node) {
        this(Facts.of(node), NOBODY, NOBODY, Map.of(), 0, 0, new HashMap<>());
    }

    /** The same pods on a node that changed. */
    public NodeInfo with(Unstructured node) {
        return new NodeInfo(Facts.of(node), pods, affine, taken, scoredCpu, scoredMemory, counts);
    }

    public NodeInfo with(PodInfo pod) {
        NodeInfo base = without(pod.uid());
        return base.changed(pod, 1, append(base.pods, pod), pod.isAffine() ? append(base.affine, pod) : base.affine);
    }

    /** The same when the pod is not there. */
    public NodeInfo without(String uid) {
        int at = index(pods, uid);
        if (at < 0) {
            return this;
        }
        int affineAt = index(affine, uid);
        return changed(pods[at], -1, cut(pods, at), affineAt < 0 ? affine : cut(affine, affineAt));
    }

    private NodeInfo changed(PodInfo pod, int sign, PodInfo[] newPods, PodInfo[] newAffine) {
        Map<String, Long> amounts = new HashMap<>(taken);
        pod.request().amounts().forEach((resource, n) -> amounts.merge(resource, sign * n, Long::sum));
        Map<PodQuery, Integer> carried = new HashMap<>();
        if (counts.size() <= REMEMBERED_COUNTS) {
            counts.forEach((query, n) -> carried.put(query, query.counts(pod) ? n + sign : n));
        }
        return new NodeInfo(
                facts,
                newPods,
                newAffine,
                amounts,
                scoredCpu + sign * pod.request().scoredCpu(),
                scoredMemory + sign * pod.request().scoredMemory(),
                carried);
    }

    private static int index(PodInfo[] pods, String uid) {
        for (int i = 0; i < pods.length; i++) {
            if (pods[i].uid().equals(uid)) {
                return i;
            }
        }
        return -1;
    }

    private static PodInfo[] append(PodInfo[] pods, PodInfo pod) {
        PodInfo[] more = Arrays.copyOf(pods, pods.length + 1);
        more[pods.length] = pod;
        return more;
    }

    private static PodInfo[] cut(PodInfo[] pods, int at) {
        PodInfo[] fewer = Arrays.copyOf(pods, pods.length - 1);
        System.arraycopy(pods, at + 1, fewer, at, pods.length - at - 1);
        return fewer;
    }

    public Unstructured node() {
        return facts.node;
    }

    public String name() {
        return facts.name;
    }

    public Map<String, String> labels() {
        return facts.labels;
    }

    public List<Taint> taints() {
        return facts.taints;
    }

    public boolean isUnschedulable() {
        return facts.unschedulable;
    }

    /** The sizes of the images that are there, by each of their names. */
    public Map<String, Long> images() {
        return facts.images;
    }

    /** Not to be changed through. */
    public List<PodInfo> pods() {
        return Arrays.asList(pods);
    }

    /** The pods that have terms about other pods. */
    public List<PodInfo> affinePods() {
        return Arrays.asList(affine);
    }

    public int podCount() {
        return pods.length;
    }

    public long allocatable(String resource) {
        return facts.allocatable.getOrDefault(resource, 0L);
    }

    public long taken(String resource) {
        return taken.getOrDefault(resource, 0L);
    }

    public long free(String resource) {
        return allocatable(resource) - taken(resource);
    }

    /** Millicores taken, where containers that ask nothing count a little, lest the idle crowd one node. */
    public long scoredCpu() {
        return scoredCpu;
    }

    public long scoredMemory() {
        return scoredMemory;
    }

    /** What was noted for a kind of pods; null for nothing. */
    @Nullable
    Judgement recall(Alike kind) {
        for (int i = 0; i < notes.length; i += 2) {
            if (notes[i] == kind) {
                return (Judgement) notes[i + 1];
            }
        }
        return null;
    }

    void note(Alike kind, Judgement judgement) {
        System.arraycopy(notes, 0, notes, 2, notes.length - 2);
        notes[0] = kind;
        notes[1] = judgement;
    }

    public boolean usesPort(Request.HostPort port) {
        for (PodInfo p : pods) {
            for (Request.HostPort used : p.request().ports()) {
                if (port.conflicts(used)) {
                    return true;
                }
            }
        }
        return false;
    }

    public int count(PodQuery query) {
        Integer known = counts.get(query);
        if (known == null) {
            int n = 0;
            for (PodInfo p : pods) {
                n += query.counts(p) ? 1 : 0;
            }
            known = n;
            counts.put(query, known);
        }
        return known;
    }
}

package dev.coracle.scheduler.framework;

import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the scheduler knows of a pod, read from its JSON once. */
public final class PodInfo {
    private final Unstructured pod;
    private final ObjectKey key;
    private final String uid;
    private final Map<String, String> labels;
    private final long priority;
    private final String schedulerName;
    private final boolean deleting;
    private final Request request;
    private final List<PodTerm> affinity;
    private final List<PodTerm> antiAffinity;
    private final List<PodTerm> preferredAffinity;
    private final List<PodTerm> preferredAntiAffinity;

    // Asked of pods that wait, not of the many that are placed: made at the first question. A race makes equal ones.
    private volatile @Nullable List<Taint.Toleration> tolerations;
    private volatile @Nullable RequiredNodes requiredNodes;
    private volatile @Nullable List<Claim> claims;
    private volatile @Nullable Optional<Alike> alike;

    /** A PersistentVolumeClaim in the pod's namespace. @param ephemeral made for the pod, and gone with it */
    public record Claim(String name, boolean ephemeral) {}

    private PodInfo(Unstructured pod) {
        this.pod = pod;
        this.key = ObjectKey.of(pod);
        this.uid = pod.uid();
        this.labels = pod.labels();
        this.priority = pod.integer(0, "spec", "priority");
        this.schedulerName = pod.stringOr("default-scheduler", "spec", "schedulerName");
        this.deleting = pod.isDeleting();
        this.request = Request.of(pod);
        boolean affine = pod.has("spec", "affinity");
        this.affinity = affine ? PodTerm.required(pod, "podAffinity") : List.of();
        this.antiAffinity = affine ? PodTerm.required(pod, "podAntiAffinity") : List.of();
        this.preferredAffinity = affine ? PodTerm.preferred(pod, "podAffinity") : List.of();
        this.preferredAntiAffinity = affine ? PodTerm.preferred(pod, "podAntiAffinity") : List.of();
    }

    /** @param pod shared, not to be changed */
    public static PodInfo of(Unstructured pod) {
        return new PodInfo(pod);
    }

    public Unstructured pod() {
        return pod;
    }

    public ObjectKey key() {
        return key;
    }

    public String namespace() {
        return key.namespace();
    }

    public String name() {
        return key.name();
    }

    public String uid() {
        return uid;
    }

    public Map<String, String> labels() {
        return labels;
    }

    public long priority() {
        return priority;
    }

    public String schedulerName() {
        return schedulerName;
    }

    public boolean isDeleting() {
        return deleting;
    }

    public Request request() {
        return request;
    }

    /** Terms that nodes must meet. */
    public List<PodTerm> affinity() {
        return affinity;
    }

    public List<PodTerm> antiAffinity() {
        return antiAffinity;
    }

    public List<PodTerm> preferredAffinity() {
        return preferredAffinity;
    }

    public List<PodTerm> preferredAntiAffinity() {
        return preferredAntiAffinity;
    }

    /** Whether where it is matters to others by its own terms. */
    public boolean isAffine() {
        return !(affinity.isEmpty() && preferredAffinity.isEmpty() && preferredAntiAffinity.isEmpty())
                || !antiAffinity.isEmpty();
    }

    /** When its node began to work on it; as text, which sorts by time. After all others when that is not known. */
    public String startTime() {
        return pod.stringOr("~", "status", "startTime");
    }

    public List<Taint.Toleration> tolerations() {
        List<Taint.Toleration> known = tolerations;
        if (known == null) {
            known = Taint.Toleration.of(pod);
            tolerations = known;
        }
        return known;
    }

    /** The claims behind its volumes. */
    public List<Claim> claims() {
        List<Claim> known = claims;
        if (known == null) {
            List<Claim> found = new ArrayList<>();
            for (Unstructured v : pod.objects("spec", "volumes")) {
                if (v.has("ephemeral")) {
                    found.add(new Claim(pod.name() + "-" + v.string("name"), true));
                } else if (v.has("persistentVolumeClaim")) {
                    found.add(new Claim(v.string("persistentVolumeClaim", "claimName"), false));
                }
            }
            known = List.copyOf(found);
            claims = known;
        }
        return known;
    }

    /** Equal for pods that every node fits alike; null for one that is like no other. */
    public @Nullable Alike alike() {
        Optional<Alike> known = alike;
        if (known == null) {
            known = Optional.ofNullable(Alike.of(pod));
            alike = known;
        }
        return known.orElse(null);
    }

    /** The same, and the same object for all that are equal. */
    public @Nullable Alike alike(Memo<Alike, Alike> kinds) {
        Alike mine = alike();
        if (mine == null) {
            return null;
        }
        Alike shared = kinds.of(mine, k -> k);
        if (shared != mine) {
            alike = Optional.of(shared);
        }
        return shared;
    }

    public RequiredNodes requiredNodes() {
        RequiredNodes known = requiredNodes;
        if (known == null) {
            known = RequiredNodes.of(pod);
            requiredNodes = known;
        }
        return known;
    }

    /**
     * The nodes that a pod may go to by {@code nodeSelector} and required node affinity.
     *
     * @param affinity null when none is required
     */
    public record RequiredNodes(
            Map<String, String> selector, @Nullable NodeSelector affinity) {
        static RequiredNodes of(Unstructured pod) {
            String required = "requiredDuringSchedulingIgnoredDuringExecution";
            return new RequiredNodes(
                    pod.strings("spec", "nodeSelector"),
                    pod.has("spec", "affinity", "nodeAffinity", required)
                            ? NodeSelector.of(
                                    pod.objects("spec", "affinity", "nodeAffinity", required, "nodeSelectorTerms"))
                            : null);
        }

        public boolean isEmpty() {
            return selector.isEmpty() && affinity == null;
        }

        public boolean matches(NodeInfo node) {
            for (Map.Entry<String, String> e : selector.entrySet()) {
                if (!e.getValue().equals(node.labels().get(e.getKey()))) {
                    return false;
                }
            }
            return affinity == null || affinity.matches(node);
        }
    }
}

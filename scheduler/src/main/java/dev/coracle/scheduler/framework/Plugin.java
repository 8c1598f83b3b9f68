package dev.coracle.scheduler.framework;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One rule of the scheduler. It takes part at as many points of a pod's way to a node as it implements. */
public interface Plugin {
    /** As upstream has it; refusals of whole groups of nodes name it. */
    String name();

    /** Whether all that it looks at is known by now. */
    default boolean synced() {
        return true;
    }

    /**
     * Whether the answer about one node depends on that node alone. Such answers are kept for pods that are {@link Alike},
     * and pods that were refused by such plugins only are looked at again when a node changes and would take them.
     */
    default boolean isLocal() {
        return true;
    }

    /** Whether a pod may be queued at all. */
    interface PreEnqueue extends Plugin {
        boolean mayEnter(Unstructured pod);
    }

    /** Rules nodes out. */
    interface Filters extends Plugin {
        /** Upstream's PreFilter: looks at all there is once; {@link NodeFilter#PASS} when the pod asks nothing of this. */
        NodeFilter preFilter(Cycle cycle);

        /** In a few words, what would have a node take the pod that this plugin refused there; {@code ""} for nobody knows. */
        default String remedy(PodInfo pod, NodeInfo node) {
            return "";
        }

        /** Whether a pod that this plugin refused may pass now, beyond what the changed node itself shows. */
        default boolean isHelpedBy(PodInfo pod, ClusterEvent event) {
            return false;
        }
    }

    /** Prefers some of the nodes that are left. */
    interface Scores extends Plugin {
        /** Upstream's PreScore; null when the pod has no preference here. */
        @Nullable
        NodeScore preScore(Cycle cycle, List<NodeInfo> feasible);
    }

    /** Asked when no node is left. */
    interface PostFilters extends Plugin {
        Rescue postFilter(Cycle cycle, Filtering filtering, Map<String, Status> refusals);
    }

    /** Has something to do elsewhere before a pod is bound. */
    interface Reserves extends Plugin {
        /** Looks, when the node is decided, at what is to be done; null for nothing. */
        @Nullable
        PreBind reserve(PodInfo pod, NodeInfo node);

        /**
         * The pod gives up its node, or was bound to it: what is kept for it and not yet written is free for others.
         *
         * @return what may bring others back
         */
        default List<ClusterEvent> unreserve(PodInfo pod) {
            return List.of();
        }

        /** What takes back that which was written for a pod and its node, and is of no use now; null for nothing. */
        default @Nullable Runnable takeBack(PodInfo pod) {
            return null;
        }

        /** How long a pod keeps its place while others act. */
        Duration patience();

        /** What is said of a pod that was not bound in time. */
        String late();
    }

    /** Asked when a pod has its node: may have it wait for others, or refuse it after all. */
    interface Permits extends Plugin {
        Permission permit(PodInfo pod, NodeInfo node);

        /** Whether a pod that it refused, or that waited for it in vain, may be permitted now; else it waits long. */
        default boolean isHelpedBy(PodInfo pod, ClusterEvent event) {
            return false;
        }
    }

    /** What is said of a pod that has its node. */
    sealed interface Permission {
        Permission ALLOW = new Allow();

        /** It may be bound. */
        record Allow() implements Permission {}

        /** It keeps its place until it is allowed or rejected ({@link WaitingPods}), for so long at most. */
        record Wait(Duration timeout) implements Permission {}

        /** It may not be bound there. */
        record Reject(String message) implements Permission {}
    }

    /** Runs beside the scheduler's loop, and may block. */
    @FunctionalInterface
    interface PreBind {
        /** False when others have to act first: what they do brings the pod back. */
        boolean run();
    }

    /** What brings a pod back that waits. */
    sealed interface ClusterEvent {
        /** A node is new, or changed in itself. */
        record NodeChanged(NodeInfo node) implements ClusterEvent {}

        /** A pod came to count on a node, or does no more. */
        record PodMoved(PodInfo pod) implements ClusterEvent {}

        /** Another object came, changed or went. */
        record ObjectChanged(GroupVersionResource resource, ObjectKey key) implements ClusterEvent {}
    }

    /**
     * @param message why there is none; may be {@code ""}
     * @param node where the pod fits once the victims are gone; {@code ""} for none
     * @param keepNomination whether an earlier nomination stands
     * @param writes what else may help; each is done once, beside the scheduler's loop
     */
    record Rescue(String message, String node, List<PodInfo> victims, boolean keepNomination, List<Runnable> writes) {
        public Rescue(String message, String node, List<PodInfo> victims, boolean keepNomination) {
            this(message, node, victims, keepNomination, List.of());
        }

        public static Rescue none(String message, boolean keepNomination) {
            return new Rescue(message, "", List.of(), keepNomination);
        }

        public Rescue with(Runnable write) {
            return new Rescue(message, node, victims, keepNomination, List.of(write));
        }

        /** What two plugins say: where there is room, and what is to be done beside. */
        public Rescue and(Rescue next) {
            String both = message.isEmpty() || next.message.isEmpty()
                    ? message + next.message
                    : message + ", " + next.message;
            List<Runnable> all = new ArrayList<>(writes);
            all.addAll(next.writes);
            return new Rescue(both, next.node, next.victims, next.keepNomination, all);
        }
    }
}

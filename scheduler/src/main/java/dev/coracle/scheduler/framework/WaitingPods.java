package dev.coracle.scheduler.framework;

import java.util.List;
import java.util.Set;

/**
 * The pods that have a node, and count there, but wait for the permission of some plugins ({@link Plugin.Permits}): a gang,
 * for one, is bound when all of it has its place. Any thread may ask and tell; the scheduler's loop acts on it.
 */
public interface WaitingPods {
    /** @param pending the plugins whose permission is not there yet */
    record WaitingPod(PodInfo pod, String node, Set<String> pending) {}

    List<WaitingPod> list();

    /** The plugin has nothing against the binding any more; the last one that had lets the pod go. */
    void allow(String uid, String plugin);

    /** The pod gives up its place, and is tried again when something can help it. */
    void reject(String uid, String plugin, String message);
}

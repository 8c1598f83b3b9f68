/**
 * The shape of a scheduling decision. A {@link dev.coracle.scheduler.framework.Plugin} is asked once per pod, with the
 * {@link dev.coracle.scheduler.framework.Cycle} (the pod and a {@link dev.coracle.scheduler.framework.Snapshot} that
 * never changes), and answers with what it makes of it: a {@link dev.coracle.scheduler.framework.NodeFilter} or a
 * {@link dev.coracle.scheduler.framework.NodeScore}, which is then asked node by node. What upstream's plugins write into
 * a cycle state at PreFilter and read again at Filter, these two simply hold.
 *
 * <p>What a pod asks is compiled once per pod ({@link dev.coracle.scheduler.framework.PodInfo}), what a node offers once
 * per change of the node ({@link dev.coracle.scheduler.framework.NodeInfo}); nothing reads JSON per pod and node.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.framework;

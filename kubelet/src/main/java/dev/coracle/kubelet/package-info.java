/**
 * The node agent: keeps the pods that are bound to its node running as their specs say, and tells the API server how they
 * and the node are.
 *
 * <p>{@link dev.coracle.kubelet.Kubelet} wires the parts together and owns their life. {@code pod} decides: one state
 * machine per pod, driven by changes of the pod, of its containers, of probe results and by timers. {@code container}
 * turns a spec into a CRI container, {@code volume} lays out its files, {@code probe} asks whether it is well,
 * {@code node} reports the node, {@code server} answers the API server's calls for logs, exec and port-forward.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.kubelet;

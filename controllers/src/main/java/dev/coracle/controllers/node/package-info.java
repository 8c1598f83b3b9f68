/**
 * What becomes of nodes that fall silent, in three steps by three controllers: {@code NodeLifecycleController} marks and
 * taints them, {@code TaintEvictionController} deletes the pods that do not tolerate it, {@code PodGarbageCollector}
 * removes what no kubelet will ever report as ended.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.node;

/**
 * Whether the node takes a pod that it was given. A pod with {@code spec.nodeName} passed by the scheduler, and two that
 * the scheduler thought of at the same time may both come: the node has the last word, as upstream's canAdmitPod.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.kubelet.admission;

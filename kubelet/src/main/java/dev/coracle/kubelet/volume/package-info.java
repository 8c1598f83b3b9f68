/** Lays out a pod's volumes as directories on the host, which its containers mount. Contents that come from API objects are
 * written by {@link dev.coracle.kubelet.volume.AtomicWriter}, so that a reader sees all of an update or nothing of it. */
@org.jspecify.annotations.NullMarked
package dev.coracle.kubelet.volume;

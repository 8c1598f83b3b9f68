/**
 * Containers, behind the CRI v1 contract ({@link dev.coracle.runtime.RuntimeService},
 * {@link dev.coracle.runtime.ImageService}); names and meanings are those of {@code k8s.io/cri-api}. The kubelet knows
 * nothing else of containers. {@code oci} is the embedded maker: own image store, runc or crun underneath.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.runtime;

/** One worker per pod. {@link dev.coracle.kubelet.pod.PodWorkers} routes changes to them; {@code PodWorker} looks at
 * what is and what should be, does the next step and returns when to look again; {@code PodStatuses} words the result. */
@org.jspecify.annotations.NullMarked
package dev.coracle.kubelet.pod;

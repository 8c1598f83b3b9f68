/** From a container in a pod spec to a CRI container: environment, mounts, security, resources, image, and how long to
 * wait before it is tried again. */
@org.jspecify.annotations.NullMarked
package dev.coracle.kubelet.container;

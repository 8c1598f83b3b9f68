/**
 * The embedded container runtime. {@link dev.coracle.runtime.oci.OciImageStore} keeps images as unpacked layers and is
 * shared by all nodes of the machine; {@link dev.coracle.runtime.oci.OciRuntime}, one a node, makes sandboxes and
 * containers out of them.
 *
 * <p>Isolation is {@code runc}'s work (or {@code crun}'s), told by a {@code config.json} that {@code ContainerSpec}
 * writes. Each container has a {@code conmon} as its parent, a small C program that keeps the container's log, its
 * terminal and its exit code. So nothing that matters lives in this JVM: when it is killed, containers run on, and the
 * next one finds them again from the state directory.
 *
 * <pre>
 *   stateDir/sandboxes/&lt;id&gt;/   sandbox.json, ns/{net,ipc,uts} (bind mounts that keep namespaces alive), shm, resolv.conf
 *   stateDir/containers/&lt;id&gt;/  container.json, config.json, rootfs (overlay mount), upper, work, ctl, attach
 *   stateDir/exits/&lt;id&gt;        written by conmon: the exit code; watched by inotify
 *   stateDir/runc/             runc's own state
 * </pre>
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.runtime.oci;

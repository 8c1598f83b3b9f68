/**
 * Everything that moves packets. {@link dev.coracle.network.HostNetwork} lays the ground (addresses, routes, base
 * rules), {@code pod} connects sandboxes, {@code proxy} gives Services their addresses in the kernel, {@code dns}
 * answers names, {@code ingress} routes HTTP. All nodes of a cluster share the host's network namespace, so the data
 * path of Services is programmed once per host.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.network;

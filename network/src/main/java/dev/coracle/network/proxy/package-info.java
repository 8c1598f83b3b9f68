/**
 * Services in the kernel, as kube-proxy's nftables mode does it: a verdict map from (address, protocol, port) to a chain
 * per Service port, which picks an endpoint and rewrites the destination. A change of one Service sends the kernel only
 * what differs, in one transaction, so its cost does not grow with the number of Services and no packet ever meets a
 * half-written rule set. Connections that exist keep their endpoint: connection tracking remembers it.
 *
 * <p>{@link dev.coracle.network.proxy.Rules} decides what a Service needs, {@link dev.coracle.network.proxy.RuleSet}
 * knows what the kernel has and writes the difference, {@link dev.coracle.network.proxy.ServiceProxy} drives both.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.network.proxy;

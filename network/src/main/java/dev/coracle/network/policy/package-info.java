/**
 * NetworkPolicy v1 in the kernel. A map leads from a pod's address to a chain of the policies that isolate it, one for what it
 * sends and one for what it receives; a policy's chain accepts what its rules allow, and behind them all stands a drop. Peers
 * that are selected by labels are sets of addresses, one for each selector, which many policies share.
 *
 * <p>{@link dev.coracle.network.policy.PolicyModel} knows who is selected by whom and touches, for a change, only what it is
 * about; {@link dev.coracle.network.policy.KernelTable} sends the kernel the difference in one transaction;
 * {@link dev.coracle.network.policy.PolicyEnforcer} drives both.
 *
 * <p>As upstream has it: a pod is reached from its own node whatever the policies say (probes), and reaches it and itself; what
 * has a connection keeps it. All nodes share the host's network, so what comes from the host, ingress too, comes from the node.
 * Between pods of one node the kernel asks only where it has {@code br_netfilter}.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.network.policy;

/**
 * The pod network of a node: a bridge whose address is the gateway, a pair of virtual cables per sandbox, addresses
 * handed out one after the other and remembered in files, as CNI's {@code bridge} and {@code host-local} do.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.network.pod;

/**
 * Of several processes that could do a work, one does it: the one whose name is in a Lease, while it keeps renewing it.
 * {@link dev.coracle.client.election.LeaderElector} begins the work when the lease is its own and ends it when it is lost;
 * what it gives the work to write with ceases to write at the moment at which another may begin.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.client.election;

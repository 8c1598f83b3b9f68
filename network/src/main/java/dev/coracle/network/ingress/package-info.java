/**
 * The ingress controller: a reverse proxy that behaves as ingress-nginx does for the Ingresses of its class, straight
 * from its sockets to ready pods. A connection is one virtual thread that blocks; the code reads top to bottom.
 *
 * <p>{@link dev.coracle.network.ingress.Routes} is an immutable picture of all Ingresses, replaced when one changes;
 * {@link dev.coracle.network.ingress.Backends} picks endpoints at the moment of each request, so that a pod that begins
 * to terminate gets no further one; {@link dev.coracle.network.ingress.Connection} serves a client.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.network.ingress;

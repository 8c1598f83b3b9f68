/**
 * The client contract, {@link dev.coracle.client.Client}: the only way any component reaches the cluster. Two
 * transports behave alike: in-process (made by the API server, shares revisions, copies no bytes) and HTTPS. On top of
 * it stand informers and work queues.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.client;

/**
 * Container logs: files in CRI format ({@code <RFC 3339> stdout|stderr F|P <text>}), read from their tail, from a point
 * in time, and on as they grow.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.kubelet.server.log;

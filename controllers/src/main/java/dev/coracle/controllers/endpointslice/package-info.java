/**
 * Services and Pods to EndpointSlices and Endpoints. {@code Slices} decides which slice an endpoint is in, {@code
 * EndpointPorts} what a named port is on a pod, {@code LegacyEndpoints} makes the {@code v1} object. {@code Hints} says for
 * whom an endpoint is meant, with {@code Zones} and {@code ZoneShares}.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.endpointslice;

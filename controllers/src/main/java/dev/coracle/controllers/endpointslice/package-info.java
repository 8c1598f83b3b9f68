/** Services and Pods to EndpointSlices and Endpoints. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.endpointslice;

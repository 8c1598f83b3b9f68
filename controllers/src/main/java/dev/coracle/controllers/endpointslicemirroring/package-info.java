/**
 * Endpoints that somebody writes by hand for a Service without a selector, as EndpointSlices: proxy, DNS and ingress read
 * nothing else. {@code Mirror} decides, the controller does.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.endpointslicemirroring;

/** What Prometheus is told: about requests by both services, about the queue by the api-service, about work by workers. */
@org.jspecify.annotations.NullMarked
package dev.coracle.flowforge.metrics;

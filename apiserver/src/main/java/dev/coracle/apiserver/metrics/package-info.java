/**
 * The resource metrics API, {@code metrics.k8s.io/v1beta1}, which {@code kubectl top} and autoscalers read. What metrics-server
 * is elsewhere is a {@link dev.coracle.apiserver.metrics.UsageSource} here, asked when somebody asks: a cluster that nobody
 * measures spends nothing on it.
 */
@NullMarked
package dev.coracle.apiserver.metrics;

import org.jspecify.annotations.NullMarked;

/**
 * The API server as a go-between: requests that a kubelet, a pod or a Service answers. {@link
 * dev.coracle.apiserver.proxy.PodConnections} and {@link dev.coracle.apiserver.proxy.ProxyTargets} decide from objects
 * and parameters where a request goes ({@link dev.coracle.apiserver.proxy.Destination}) or why it cannot go anywhere;
 * {@link dev.coracle.apiserver.proxy.Relay} carries it there and the answer back, whatever protocol the two ends agree
 * on.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.proxy;

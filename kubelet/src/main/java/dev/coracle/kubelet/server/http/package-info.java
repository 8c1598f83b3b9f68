/**
 * HTTP/1.1 of the kubelet's server: {@link dev.coracle.kubelet.server.http.Connections} checks who calls and starts a
 * task per request, {@link dev.coracle.kubelet.server.http.Exchange} is that request and the ways to answer it.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.kubelet.server.http;

/** The HTTPS API of a kubelet: container logs, exec, attach, port-forward, pods, health and statistics. Only the API server
 * may call it. */
@org.jspecify.annotations.NullMarked
package dev.coracle.kubelet.server;

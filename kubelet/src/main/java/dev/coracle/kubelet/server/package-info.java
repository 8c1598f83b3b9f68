/**
 * The HTTPS API of a kubelet: container logs, exec, attach, port-forward, the node's pods, health. Only the API server
 * may call it; users come through {@code /api/v1/namespaces/…/pods/…/log|exec|attach|portforward}, which it forwards.
 *
 * <pre>
 *   KubeletServer ── http.Connections ── Routes ─┬─ LogEndpoint          → log.ContainerLog
 *    (TLS, port)      (one request is             ├─ CommandEndpoint      → stream.CommandStreams ⇄ ExecSession
 *                      one Exchange on a task)    └─ PortForwardEndpoint  → stream.SpdyConnection ⇄ Connection
 * </pre>
 *
 * <p>The event loop only frames; everything that blocks runs on tasks. {@code stream} hides which protocol carries a
 * session: WebSocket channels, SPDY/3.1, or SPDY/3.1 inside a WebSocket.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.kubelet.server;

/**
 * {@code kubectl proxy}: whoever reaches a port of this machine is whoever the kubeconfig says, towards the API.
 *
 * <pre>
 * request ─ {@link dev.coracle.cli.kubectl.proxy.Filter} ─┬─ below the API's prefix: relayed, streams and upgrades too
 *                     └─ below the prefix of --www: {@link dev.coracle.cli.kubectl.proxy.StaticFiles}
 * </pre>
 *
 * That is why the filter looks at the name under which the proxy was called: a page from elsewhere, to whose name a
 * browser was told this machine's address, must not speak for the user. Framing, relaying and tunnels are the API
 * server's own {@link dev.coracle.apiserver.proxy.Relay}.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.cli.kubectl.proxy;

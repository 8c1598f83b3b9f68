/**
 * The cluster's names, as CoreDNS' {@code kubernetes}, {@code forward} and {@code cache} plugins give them; see the
 * specification at github.com/kubernetes/dns, {@code docs/specification.md}.
 *
 * <p>{@link dev.coracle.network.dns.Message} is the wire format, {@link dev.coracle.network.dns.ClusterZone} answers
 * for the cluster's domain and its reverse ranges, {@link dev.coracle.network.dns.Upstream} asks others about
 * everything else, {@link dev.coracle.network.dns.DnsServer} listens.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.network.dns;

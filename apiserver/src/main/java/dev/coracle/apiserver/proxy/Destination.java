package dev.coracle.apiserver.proxy;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.Optional;

/**
 * Where a request is carried on to.
 *
 * @param target path and query
 * @param prefix the path that leads here through this server, which links in the answer get; empty where there are none
 * @param api of a {@link Kind#API}: what the server there must know and show
 */
public record Destination(
        Kind kind, Security security, String host, int port, String target, String prefix, Optional<Api> api) {
    public Destination(Kind kind, Security security, String host, int port, String target) {
        this(kind, security, host, port, target, "", Optional.empty());
    }

    /** A server that answers for an API of its own. */
    public static Destination api(String host, int port, String target, Api api) {
        return new Destination(Kind.API, Security.API, host, port, target, "", Optional.of(api));
    }

    /** The same, whose pages are found below {@code path}. */
    public Destination below(String path) {
        return new Destination(kind, security, host, port, target, path, api);
    }

    /**
     * Between this server and one that answers for an API.
     *
     * @param tls shows that it is this server which asks, and knows whose certificates are good
     * @param serverName that its certificate must be for
     * @param identity who asks, as headers; nobody else can say so
     * @param patience for the whole answer; {@link Duration#ZERO} for as long as the client likes
     */
    public record Api(SslContext tls, String serverName, HttpHeaders identity, Duration patience) {}

    /** What is expected of the other side. */
    public enum Kind {
        /** Both sides change to a protocol of streams: exec, attach, portforward. */
        STREAMS,
        /** Text; a refusal of the other side becomes a {@code Status}. */
        LOG,
        /** Any HTTP, errors included. */
        HTTP,
        /** The same from a server that answers for an API, who is told who asks. */
        API
    }

    /** How the connection is protected. */
    public enum Security {
        PLAIN,
        /** TLS; both show certificates of the cluster. */
        KUBELET,
        /** As {@link #KUBELET}, but the kubelet's certificate is not looked at: the caller asked for that. */
        KUBELET_UNVERIFIED,
        /** As {@link Api} says. */
        API,
        /** TLS with whatever certificate a workload has, as upstream: nobody tells which one it should be. */
        UNVERIFIED
    }

    String authority() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    String url() {
        return (security == Security.PLAIN ? "http://" : "https://") + authority() + target;
    }
}

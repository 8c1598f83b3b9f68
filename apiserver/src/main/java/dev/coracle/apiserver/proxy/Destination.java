package dev.coracle.apiserver.proxy;

/**
 * Where a request is carried on to.
 *
 * @param target path and query
 * @param prefix the path that leads here through this server, which links in the answer get; empty where there are none
 */
public record Destination(Kind kind, Security security, String host, int port, String target, String prefix) {
    public Destination(Kind kind, Security security, String host, int port, String target) {
        this(kind, security, host, port, target, "");
    }

    /** The same, whose pages are found below {@code path}. */
    public Destination below(String path) {
        return new Destination(kind, security, host, port, target, path);
    }

    /** What is expected of the other side. */
    public enum Kind {
        /** Both sides change to a protocol of streams: exec, attach, portforward. */
        STREAMS,
        /** Text; a refusal of the other side becomes a {@code Status}. */
        LOG,
        /** Any HTTP, errors included. */
        HTTP
    }

    /** How the connection is protected. */
    public enum Security {
        PLAIN,
        /** TLS; both show certificates of the cluster. */
        KUBELET,
        /** As {@link #KUBELET}, but the kubelet's certificate is not looked at: the caller asked for that. */
        KUBELET_UNVERIFIED,
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

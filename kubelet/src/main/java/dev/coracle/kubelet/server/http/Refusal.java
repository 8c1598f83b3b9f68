package dev.coracle.kubelet.server.http;

/** A request cannot be served; the kubelet says why in plain text, and the API server makes a Status of it. */
public final class Refusal extends RuntimeException {
    private final int code;

    public Refusal(int code, String message) {
        super(message);
        this.code = code;
    }

    public int code() {
        return code;
    }
}

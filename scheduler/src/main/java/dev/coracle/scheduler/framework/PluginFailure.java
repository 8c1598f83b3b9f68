package dev.coracle.scheduler.framework;

/**
 * A plugin cannot say whether a node does: something that the pod names is broken. It is no refusal of nodes but the end of the
 * attempt; the pod is told why, and tried again after its backoff.
 */
public final class PluginFailure extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public PluginFailure(String message) {
        super(message);
    }
}

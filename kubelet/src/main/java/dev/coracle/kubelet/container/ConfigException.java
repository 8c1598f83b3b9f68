package dev.coracle.kubelet.container;

/** A container's configuration cannot be made; shown as {@code CreateContainerConfigError}. */
public final class ConfigException extends RuntimeException {
    public ConfigException(String message) {
        super(message);
    }
}

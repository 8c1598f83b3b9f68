package dev.coracle.controllers.externalsecrets;

import java.util.Map;

/** A store as one ExternalSecret asks it, once: each secret is fetched once, and what was opened for it is closed. */
interface Provider extends AutoCloseable {
    /**
     * @param property of a secret that is a JSON document; empty for all of it
     * @param version empty for the current one
     */
    record Ref(String key, String property, String version) {}

    byte[] get(Ref ref) throws ProviderException;

    /** The members of a secret that is a JSON object, or of the object at its property. */
    Map<String, byte[]> extract(Ref ref) throws ProviderException;

    /**
     * The current versions of all secrets whose names match.
     *
     * @param path below which is searched; empty for everywhere
     */
    Map<String, byte[]> find(String path, String regexp) throws ProviderException;

    /** Asks nothing but whether it would be answered. */
    void validate() throws ProviderException;

    @Override
    default void close() {}
}

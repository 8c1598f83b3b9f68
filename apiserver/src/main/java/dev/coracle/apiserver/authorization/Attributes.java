package dev.coracle.apiserver.authorization;

/** What is asked for; {@code ""} where a part does not apply. Path is set for non-resource requests alone. */
public record Attributes(
        String verb, String group, String resource, String subresource, String namespace, String name, String path) {}

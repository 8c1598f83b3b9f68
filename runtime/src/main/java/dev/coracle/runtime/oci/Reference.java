package dev.coracle.runtime.oci;

import dev.coracle.runtime.CriException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A normalised image reference: {@code busybox} is {@code docker.io/library/busybox:latest}.
 *
 * @param registry host and port, {@code docker.io} for Docker Hub
 * @param repository path in the registry
 * @param tag null when only a digest was given
 * @param digest {@code sha256:…} or null
 */
record Reference(
        String registry,
        String repository,
        @Nullable String tag,
        @Nullable String digest) {
    /** @throws CriException with {@code INVALID_IMAGE_NAME} */
    static Reference parse(String text) {
        String rest = text;
        String digest = null;
        int at = rest.indexOf('@');
        if (at >= 0) {
            digest = rest.substring(at + 1);
            rest = rest.substring(0, at);
            if (!Pattern.matches("sha256:[0-9a-f]{64}", digest)) {
                throw invalid(text);
            }
        }
        String tag = null;
        int colon = rest.lastIndexOf(':');
        if (colon > rest.lastIndexOf('/')) {
            tag = rest.substring(colon + 1);
            rest = rest.substring(0, colon);
            if (!Pattern.matches("[\\w][\\w.-]{0,127}", tag)) {
                throw invalid(text);
            }
        }
        String registry = "docker.io";
        int slash = rest.indexOf('/');
        if (slash > 0) {
            String first = rest.substring(0, slash);
            if (first.contains(".") || first.contains(":") || first.equals("localhost")) {
                registry = first.equals("index.docker.io") ? "docker.io" : first;
                rest = rest.substring(slash + 1);
            }
        }
        if (registry.equals("docker.io") && !rest.contains("/")) {
            rest = "library/" + rest;
        }
        if (rest.length() > 255
                || !Pattern.matches(
                        "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*", rest)
                || !Pattern.matches("[A-Za-z0-9.-]+(?::[0-9]+)?", registry)) {
            throw invalid(text);
        }
        return new Reference(registry, rest, tag == null && digest == null ? "latest" : tag, digest);
    }

    private static CriException invalid(String text) {
        return new CriException(
                CriException.Code.INVALID_IMAGE_NAME,
                "failed to parse image name \"" + text + "\": invalid reference format");
    }

    /** Registry and repository: {@code docker.io/library/busybox}. */
    String name() {
        return registry + "/" + repository;
    }

    /** What the registry is asked for: the digest if there is one. */
    String version() {
        if (digest != null) {
            return digest;
        }
        return tag == null ? "latest" : tag;
    }

    @Override
    public String toString() {
        return name() + (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
    }
}

package dev.coracle.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** CRI v1 {@code ImageService}, and loading from an archive. Failures are {@link CriException}s. */
public interface ImageService {
    /** @param reference any form: {@code busybox}, {@code docker.io/library/busybox:1.36}, a digest or an image id */
    Optional<Image> imageStatus(String reference);

    List<Image> listImages();

    /** What of this machine's making may be used for a reference whose registry cannot be reached. */
    default Optional<StandIn> standIn(String reference) {
        return Optional.empty();
    }

    /** What an image was made of that was made on this machine; empty for any other. */
    default Optional<StandIn> made(Image image) {
        return Optional.empty();
    }

    /** Fetches from the registry. @return the image id */
    String pullImage(String reference, List<Credential> credentials);

    void removeImage(String reference);

    /** Imports a docker-save or OCI-layout archive. @return the references it held */
    List<String> loadImage(Path archive);

    /** @param user the image's user field: name, uid or uid:gid; {@code ""} is root */
    record Image(
            String id, List<String> repoTags, List<String> repoDigests, long size, String user, long createdAtNanos) {}

    /**
     * An image that was made on this machine.
     *
     * @param contents what is inside, in words
     * @param names others than its own that it may be used for while their registry cannot be reached
     */
    record StandIn(Image image, String contents, List<String> names) {}

    record Credential(String registry, String username, String password) {}
}

package dev.coracle.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** CRI v1 {@code ImageService}, and loading from an archive. Failures are {@link CriException}s. */
public interface ImageService {
    /** @param reference any form: {@code busybox}, {@code docker.io/library/busybox:1.36}, a digest or an image id */
    Optional<Image> imageStatus(String reference);

    List<Image> listImages();

    /** Fetches from the registry. @return the image id */
    String pullImage(String reference, List<Credential> credentials);

    void removeImage(String reference);

    /** Imports a docker-save or OCI-layout archive. @return the references it held */
    List<String> loadImage(Path archive);

    /** @param user the image's user field: name, uid or uid:gid; {@code ""} is root */
    record Image(
            String id, List<String> repoTags, List<String> repoDigests, long size, String user, long createdAtNanos) {}

    record Credential(String registry, String username, String password) {}
}

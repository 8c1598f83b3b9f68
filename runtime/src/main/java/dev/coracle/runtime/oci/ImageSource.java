package dev.coracle.runtime.oci;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Where an image comes from: an archive on disk or a registry. */
interface ImageSource {
    /** The image's configuration document. */
    byte[] config() throws IOException;

    /** How many layers there are to {@link #layer open}. */
    int layers();

    /** @param index 0 is the lowest layer */
    InputStream layer(int index) throws IOException;

    /** The names it has, {@link Reference normalised}. */
    List<String> tags();

    /** {@code name@sha256:…} of the manifest, as far as known. */
    List<String> digests();
}

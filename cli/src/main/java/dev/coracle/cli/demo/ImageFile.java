package dev.coracle.cli.demo;

import java.nio.file.Path;
import java.util.Map;

/**
 * Images in one archive, as {@code docker save} writes it.
 *
 * @param ids the id, {@code sha256:…}, by image name
 */
public record ImageFile(Path archive, Map<String, String> ids) {}

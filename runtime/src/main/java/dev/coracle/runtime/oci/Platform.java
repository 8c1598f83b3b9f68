package dev.coracle.runtime.oci;

import java.util.Map;

/** Which of an image's variants runs here. */
final class Platform {
    private Platform() {}

    /** Go's name of this machine's architecture. */
    static String architecture() {
        return switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> System.getProperty("os.arch");
        };
    }

    /** @param descriptor a manifest list's entry; one without a platform fits everywhere */
    static boolean matches(Map<String, Object> descriptor) {
        Map<String, Object> platform = Trees.map(descriptor.get("platform"));
        return platform.isEmpty()
                || (Trees.string(platform, "os").equals("linux")
                        && Trees.string(platform, "architecture").equals(architecture()));
    }
}

package dev.coracle.kubelet.volume;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** {@code hostPath} and its types. */
final class HostPaths {
    private HostPaths() {}

    /** Makes or checks the path as the type asks. */
    static Path check(String path, String type) throws IOException {
        Path p = Path.of(path);
        boolean ok = switch (type) {
            case "" -> true;
            case "DirectoryOrCreate" -> {
                if (!Files.exists(p)) {
                    Files.createDirectories(
                            p, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
                }
                yield Files.isDirectory(p);
            }
            case "Directory" -> Files.isDirectory(p);
            case "FileOrCreate" -> {
                if (!Files.exists(p)) {
                    Files.createFile(
                            p, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
                }
                yield Files.isRegularFile(p);
            }
            case "File" -> Files.isRegularFile(p);
            case "Socket" -> kind(p) == 0140000;
            case "CharDevice" -> kind(p) == 0020000;
            case "BlockDevice" -> kind(p) == 0060000;
            default -> throw new VolumeException("unknown hostPath type \"" + type + "\"");
        };
        if (!ok) {
            String what = switch (type) {
                case "Directory", "DirectoryOrCreate" -> "a directory";
                case "File", "FileOrCreate" -> "a file";
                case "Socket" -> "a socket";
                case "CharDevice" -> "a character device";
                default -> "a block device";
            };
            throw new VolumeException("hostPath type check failed: " + path + " is not " + what);
        }
        return p;
    }

    private static int kind(Path path) throws IOException {
        return Files.exists(path) && Files.getAttribute(path, "unix:mode") instanceof Integer mode ? mode & 0170000 : 0;
    }
}

package dev.coracle.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterPathsTest {
    @TempDir
    Path dir;

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void whatIsMadeIsForItsOwnerAlone() throws IOException {
        var paths = new ClusterPaths(dir.resolve("home"), "one");
        paths.makePrivate();
        for (Path made :
                new Path[] {paths.home(), paths.images(), paths.clusters(), paths.dir(), paths.store(), paths.logs()}) {
            assertThat(mode(made)).as(made.toString()).isEqualTo("rwx------");
        }
    }

    @Test
    void whatWasOpenIsClosedButNotAHomeThatOthersShare() throws IOException {
        var paths = new ClusterPaths(Files.createDirectory(dir.resolve("shared")), "one");
        Files.setPosixFilePermissions(paths.home(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectories(paths.store());
        Files.setPosixFilePermissions(paths.store(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(paths.clusters(), PosixFilePermissions.fromString("rwxr-xr-x"));

        paths.makePrivate();

        assertThat(mode(paths.home())).isEqualTo("rwxr-xr-x");
        assertThat(mode(paths.clusters())).isEqualTo("rwx------");
        assertThat(mode(paths.store())).isEqualTo("rwx------");
    }
}

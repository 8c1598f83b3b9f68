package dev.coracle.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.e2e.harness.Coracle;
import dev.coracle.e2e.harness.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Kubernetes' JavaScript client, which stands on node-fetch and ws. Its packages are fetched once, into {@code target}. */
@ExtendWith(SharedCluster.class)
class NodeStoryTest {
    private static final Path SOURCE = Path.of("src/test/resources/node");
    private static final Path HOME = Path.of("target/node");

    @Test
    void everyChapterHolds(Coracle coracle) throws IOException {
        assumeTrue(
                Programs.runs("node", "--version") && Programs.runs("npm", "--version"),
                "JavaScript's client was not tried: Node is missing, `apt-get install nodejs npm`");
        fetch();
        Files.copy(SOURCE.resolve("story.mjs"), HOME.resolve("story.mjs"), StandardCopyOption.REPLACE_EXISTING);
        String told = Shell.run(
                        Map.of("KUBECONFIG", coracle.paths().kubeconfig().toString()),
                        "",
                        List.of("node", HOME.resolve("story.mjs").toString(), SharedCluster.SERVER))
                .ok();
        assertThat(told.lines()).hasSize(11).endsWith("leadership passes on");
    }

    /** The very packages that the lock file names, unless they are there. */
    private static void fetch() throws IOException {
        Path lock = HOME.resolve("package-lock.json");
        // npm writes this one last.
        boolean there = Files.exists(HOME.resolve("node_modules/.package-lock.json"))
                && Files.mismatch(lock, SOURCE.resolve("package-lock.json")) == -1;
        if (there) {
            return;
        }
        Files.createDirectories(HOME);
        for (String file : List.of("package.json", "package-lock.json")) {
            Files.copy(SOURCE.resolve(file), HOME.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        Shell.Result npm = Shell.run(
                Map.of(),
                "",
                List.of(
                        "npm",
                        "ci",
                        "--prefix",
                        HOME.toString(),
                        "--ignore-scripts",
                        "--no-audit",
                        "--no-fund",
                        "--prefer-offline"));
        assumeTrue(npm.code() == 0, () -> "JavaScript's client was not tried: its packages cannot be had, " + npm);
    }
}

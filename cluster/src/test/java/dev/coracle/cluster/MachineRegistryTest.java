package dev.coracle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineRegistryTest {
    @TempDir
    Path dir;

    private MachineRegistry registry;
    private Path first;
    private Path second;

    @BeforeEach
    void twoHomes() throws IOException {
        registry = new MachineRegistry(dir.resolve("run"));
        first = Files.createDirectories(dir.resolve("home1/clusters/one"));
        second = Files.createDirectories(dir.resolve("home2/clusters/two"));
    }

    @Test
    void clustersOfDifferentHomesGetDifferentIndexes() {
        assertThat(registry.claim(first, -1)).isZero();
        assertThat(registry.claim(second, -1)).isEqualTo(1);
        // And the same one again.
        assertThat(registry.claim(first, 0)).isZero();
    }

    @Test
    void anIndexWhoseClusterIsGoneIsFreeAgain() throws IOException {
        registry.claim(first, -1);
        Files.delete(first);

        assertThat(registry.claim(second, -1)).isZero();
    }

    @Test
    void aReleasedIndexIsFreeAndOnlyItsOwnerReleasesIt() {
        registry.claim(first, -1);
        registry.release(second, 0);
        assertThat(registry.claim(second, -1)).isEqualTo(1);

        registry.release(first, 0);
        registry.release(second, 1);
        assertThat(registry.claim(second, -1)).isZero();
    }

    @Test
    void twoClustersOfOneNameOrWithOneIndexCannotBe() throws IOException {
        registry.claim(first, -1);
        Path sameName = Files.createDirectories(dir.resolve("home2/clusters/one"));

        assertThatThrownBy(() -> registry.claim(sameName, -1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(first.toString())
                .hasMessageContaining("name");
        assertThatThrownBy(() -> registry.claim(second, 0)).hasMessageContaining("addresses");
        assertThat(registry.claim(second, -1)).isEqualTo(1);
    }
}

package dev.coracle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
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
        assertThat(registry.claim(first, -1, 0).index()).isZero();
        assertThat(registry.claim(second, -1, 0).index()).isEqualTo(1);
        // And the same one again.
        assertThat(registry.claim(first, 0, 0).index()).isZero();
    }

    @Test
    void aClusterThatIsRefusedLeavesNothingBehind() {
        registry.claim(first, -1, 0);
        var same = new ClusterPaths(dir.resolve("home3"), "one");
        assertThatThrownBy(() -> ClusterDescription.claim(same, 1, registry))
                .hasMessageContaining("has this one's name");
        assertThat(same.clusters()).isEmptyDirectory();

        var other = new ClusterPaths(dir.resolve("home3"), "other");
        assertThat(ClusterDescription.claim(other, 1, registry).index()).isEqualTo(1);
        assertThat(other.description()).exists();
    }

    @Test
    void anIndexWhoseClusterIsGoneIsFreeAgain() throws IOException {
        registry.claim(first, -1, 0);
        Files.delete(first);

        assertThat(registry.claim(second, -1, 0).index()).isZero();
    }

    @Test
    void aReleasedIndexIsFreeAndOnlyItsOwnerReleasesIt() {
        registry.claim(first, -1, 0);
        registry.release(second, 0);
        assertThat(registry.claim(second, -1, 0).index()).isEqualTo(1);

        registry.release(first, 0);
        registry.release(second, 1);
        assertThat(registry.claim(second, -1, 0).index()).isZero();
    }

    @Test
    void nobodyTouchesWhatIsUnderAnothersIndex() throws IOException {
        registry.claim(first, -1, 0);
        assertThat(registry.mayTouch(first, 0)).isTrue();
        assertThat(registry.mayTouch(second, 0)).isFalse();
        Files.delete(first);
        assertThat(registry.mayTouch(second, 0)).isTrue();
    }

    @Test
    void aClusterThatIsDeletedLeavesNoEntry() throws IOException {
        registry.claim(first, -1, 0);
        Files.delete(first);
        registry.release(first, 0);
        assertThat(dir.resolve("run/0")).doesNotExist();
    }

    @Test
    void twoClustersOfOneNameOrWithOneIndexCannotBe() throws IOException {
        registry.claim(first, -1, 0);
        Path sameName = Files.createDirectories(dir.resolve("home2/clusters/one"));

        assertThatThrownBy(() -> registry.claim(sameName, -1, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(first.toString())
                .hasMessageContaining("name");
        assertThatThrownBy(() -> registry.claim(second, 0, 0)).hasMessageContaining("addresses");
        assertThat(registry.claim(second, -1, 0).index()).isEqualTo(1);
    }

    @Test
    void eachClusterHasAPortOfItsOwnAndKeepsIt() {
        int port = registry.claim(first, -1, 0).apiPort();
        int other = registry.claim(second, -1, 0).apiPort();
        assertThat(other).isNotEqualTo(port);
        assertThat(registry.claim(first, 0, port).apiPort()).isEqualTo(port);
        assertThat(registry.claim(second, 1, port).apiPort()).isGreaterThan(port);
    }

    @Test
    void aPortThatAnotherProgramListensOnIsPassedOver() throws IOException {
        try (var stranger = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(registry.claim(first, -1, stranger.getLocalPort()).apiPort())
                    .isGreaterThan(stranger.getLocalPort());
        }
    }

    @Test
    void afterARebootTheClustersOfAHomeStillHaveTheirPlaces() throws IOException {
        var paths = new ClusterPaths(dir.resolve("home1"), "one");
        // As written before there were ports.
        Files.writeString(paths.description(), "{\"index\":0,\"workers\":1,\"pid\":0}");
        Path beside = Files.createDirectories(dir.resolve("home1/clusters/beside"));

        assertThat(registry.claim(beside, -1, 0).index()).isEqualTo(1);
        assertThat(ClusterDescription.read(paths)).hasValue(new ClusterDescription("one", 0, 1, 0, 0));
        assertThat(registry.claim(first, 0, 0).apiPort()).isPositive();
    }
}

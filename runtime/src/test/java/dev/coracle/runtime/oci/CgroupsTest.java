package dev.coracle.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written to which file, of either kind of hierarchy. */
class CgroupsTest {
    @TempDir
    Path root;

    @Test
    void with_the_unified_hierarchy_the_controller_is_turned_on_all_the_way_down() throws IOException {
        Files.createFile(root.resolve("cgroup.controllers"));
        new Cgroups(root).limitPids("/coracle/node/pod1", 100);
        for (String above : new String[] {"", "coracle", "coracle/node"}) {
            assertThat(root.resolve(above).resolve("cgroup.subtree_control")).hasContent("+pids");
        }
        assertThat(root.resolve("coracle/node/pod1/cgroup.subtree_control")).doesNotExist();
        assertThat(root.resolve("coracle/node/pod1/pids.max")).hasContent("100");
    }

    @Test
    void with_version_1_it_is_the_controllers_own_hierarchy() throws IOException {
        Files.createDirectory(root.resolve("pids"));
        new Cgroups(root).limitPids("/coracle/node/pod1", 100);
        assertThat(root.resolve("pids/coracle/node/pod1/pids.max")).hasContent("100");
    }

    @Test
    void without_the_controller_no_pod_runs_unbounded() {
        assertThatThrownBy(() -> new Cgroups(root).limitPids("/coracle/node/pod1", 100))
                .hasMessageContaining("the pids controller is not mounted");
    }

    /** A container that forks without end under a small quota never got to its own end. */
    @Test
    void what_is_to_end_gets_the_time_that_it_takes() throws IOException {
        Path old =
                Files.createDirectories(root.resolve("cpu/coracle/node/pod1")).resolve("cpu.cfs_quota_us");
        Files.writeString(old, "20000");
        new Cgroups(root).unthrottle("/coracle/node/pod1");
        assertThat(old).hasContent("-1");

        Files.createFile(root.resolve("cgroup.controllers"));
        Path unified =
                Files.createDirectories(root.resolve("coracle/node/pod1")).resolve("cpu.max");
        new Cgroups(root).unthrottle("/coracle/node/pod1");
        assertThat(unified).doesNotExist();
        Files.writeString(unified, "20000 100000");
        new Cgroups(root).unthrottle("/coracle/node/pod1");
        assertThat(unified).hasContent("max");
    }
}

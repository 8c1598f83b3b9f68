package dev.coracle.machinery.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SysctlTest {
    @TempDir
    Path dir;

    @Test
    void a_name_may_be_separated_by_dots_or_by_slashes() {
        assertThat(Sysctl.dotted("net/ipv4/conf/eno2.100/rp_filter")).isEqualTo("net.ipv4.conf.eno2/100.rp_filter");
        assertThat(Sysctl.dotted("net.ipv4.tcp_rmem")).isEqualTo("net.ipv4.tcp_rmem");
        assertThat(Sysctl.file("net/ipv4/conf/eno2.100/rp_filter"))
                .isEqualTo(Sysctl.file("net.ipv4.conf.eno2/100.rp_filter"))
                .hasToString("/proc/sys/net/ipv4/conf/eno2.100/rp_filter");
        assertThat(Sysctl.namespace("net/ipv4/tcp_rmem")).isEqualTo(Optional.of(Namespaces.Kind.NET));
        assertThat(Sysctl.namespace("kernel.shmmax")).isEqualTo(Optional.of(Namespaces.Kind.IPC));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kernel.core_pattern",
                "kernel/core_pattern",
                "net/../kernel/core_pattern",
                "net.ipv4/../../kernel/core_pattern",
                "net..",
                "/kernel/core_pattern",
                "kernel.shm/../core_pattern",
                "vm.overcommit_memory",
                ""
            })
    void what_is_the_machines_is_refused_before_anything_is_made(String name) throws IOException {
        String before = Files.readString(Path.of("/proc/sys/kernel/core_pattern"));
        Set<Namespaces.Kind> all = Set.of(Namespaces.Kind.NET, Namespaces.Kind.IPC, Namespaces.Kind.UTS);
        // What is there already is what would be written, should the test fail.
        assertThatThrownBy(() -> Namespaces.pin(dir.resolve("ns"), all, "", Map.of(name, before)))
                .hasMessage("sysctl \"" + name + "\" is not in a separate kernel namespace");
        assertThat(dir.resolve("ns")).doesNotExist();
        assertThat(Files.readString(Path.of("/proc/sys/kernel/core_pattern"))).isEqualTo(before);
    }

    @Test
    void a_pod_in_the_hosts_network_sets_nothing_of_it() {
        assertThatThrownBy(() -> Namespaces.pin(
                        dir.resolve("ns"), Set.of(Namespaces.Kind.IPC), "", Map.of("net.ipv4.tcp_syncookies", "1")))
                .hasMessageContaining("not in a separate kernel namespace");
    }
}

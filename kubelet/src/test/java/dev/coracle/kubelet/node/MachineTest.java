package dev.coracle.kubelet.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What {@code kubectl describe node} shows of the machine, wherever this runs. */
class MachineTest {
    @Test
    void everything_that_identifies_it_is_there_and_stays() {
        Machine machine = new Machine(Path.of("/var/lib/no/such/node-1"));
        assertThat(machine.info())
                .containsOnlyKeys(
                        "machineID",
                        "systemUUID",
                        "bootID",
                        "kernelVersion",
                        "osImage",
                        "containerRuntimeVersion",
                        "kubeletVersion",
                        "kubeProxyVersion",
                        "operatingSystem",
                        "architecture")
                .allSatisfy((name, value) -> {
                    // Upstream does not tell kube-proxy's any more.
                    if (!name.equals("kubeProxyVersion")) {
                        assertThat(value).asString().isNotEmpty();
                    }
                });
        assertThat(new Machine(Path.of("/var/lib/no/such/node-1")).info()).isEqualTo(machine.info());
        assertThat(machine.diskBytes()).isPositive();
        assertThat(machine.freeDisk()).isBetween(0.0, 1.0);
        assertThat(machine.freePids()).isBetween(0.0, 1.0);
    }
}

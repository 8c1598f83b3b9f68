package dev.coracle.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryTest {
    @Test
    void theKernelCountsInKibibytes() {
        assertThat(Memory.resident("Name:\tjava\nVmPeak:\t 9999999 kB\nVmRSS:\t  204800 kB\n"))
                .isEqualTo(200.0);
    }

    @Test
    void theHistogramEndsInItsTotal() {
        assertThat(Memory.live("""
                 num     #instances         #bytes  class name (module)
                -------------------------------------------------------
                   1:         10000        1048576  [B (java.base@25)
                Total         20000        2097152
                """)).isEqualTo(2.0);
    }
}

package dev.coracle.machinery.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProcessesTest {
    @Test
    void the_end_of_a_process_is_waited_for_whoever_its_parent_is() throws Exception {
        Process sh = new ProcessBuilder("sh", "-c", "sleep 1000 & echo $!; wait").start();
        long sleep = Long.parseLong(sh.inputReader().readLine());
        assertThat(Processes.arguments(sleep)).containsExactly("sleep", "1000");
        assertThat(Processes.calledWith("1000")).contains(sleep);
        assertThat(Processes.startTime(sleep)).isPositive();
        assertThat(Processes.awaitEnd(sleep, Duration.ofMillis(20))).isFalse();

        Processes.kill(sleep, Processes.SIGKILL);
        assertThat(Processes.awaitEnd(sleep, Duration.ofMinutes(1))).isTrue();
        sh.waitFor();
        assertThat(Processes.awaitEnd(sleep, Duration.ZERO)).isTrue();
        assertThat(Processes.startTime(sleep)).isZero();
        assertThat(Processes.arguments(sleep)).isEmpty();
    }
}

package dev.coracle.machinery.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProcessesTest {
    @Test
    void the_end_of_a_process_is_waited_for_whoever_its_parent_is() throws Exception {
        Process sh = new ProcessBuilder("sh", "-c", "exec 3<&0; cat - <&3 & echo $!; wait").start();
        BufferedReader out = sh.inputReader();
        long cat = Long.parseLong(out.readLine());
        // Who gives a line back is no longer the shell that became it.
        sh.outputWriter().append("here\n").flush();
        assertThat(out.readLine()).isEqualTo("here");
        assertThat(Processes.arguments(cat)).containsExactly("cat", "-");
        assertThat(Processes.calledWith("-")).contains(cat);
        assertThat(Processes.startTime(cat)).isPositive();
        assertThat(Processes.awaitEnd(cat, Duration.ofMillis(20))).isFalse();

        Processes.kill(cat, Processes.SIGKILL);
        assertThat(Processes.awaitEnd(cat, Duration.ofMinutes(1))).isTrue();
        sh.waitFor();
        assertThat(Processes.awaitEnd(cat, Duration.ZERO)).isTrue();
        assertThat(Processes.startTime(cat)).isZero();
        assertThat(Processes.arguments(cat)).isEmpty();
    }
}

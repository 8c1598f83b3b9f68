package dev.coracle.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.e2e.harness.Coracle;
import dev.coracle.e2e.harness.Shell;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Kubernetes' Python client as Debian has it, which stands on urllib3 and websocket-client. */
@ExtendWith(SharedCluster.class)
class PythonStoryTest {
    /** Debian's own, whatever else is on the path: its packages are this one's. */
    private static final String PYTHON = "/usr/bin/python3";

    @Test
    void everyChapterHolds(Coracle coracle) {
        assumeTrue(
                Programs.runs(PYTHON, "-c", "import kubernetes"),
                "Python's client was not tried: it is missing, `apt-get install python3-kubernetes`");
        String told = Shell.run(
                        Map.of("KUBECONFIG", coracle.paths().kubeconfig().toString()),
                        "",
                        List.of(PYTHON, "src/test/resources/python/story.py", SharedCluster.SERVER))
                .ok();
        assertThat(told.lines()).hasSize(10).endsWith("leadership_passes_on");
    }
}

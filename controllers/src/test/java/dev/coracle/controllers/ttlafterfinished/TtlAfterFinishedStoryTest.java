package dev.coracle.controllers.ttlafterfinished;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.Kubelet;
import dev.coracle.controllers.World;
import dev.coracle.controllers.garbage.GarbageCollector;
import dev.coracle.controllers.job.JobController;
import dev.coracle.controllers.job.OrphanPods;
import dev.coracle.machinery.object.Resources;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs that go by themselves. */
class TtlAfterFinishedStoryTest {
    private final World world = new World(Path.of("unused"));

    @BeforeEach
    void start() {
        world.run(c -> new JobController(c, world.recorder()))
                .run(OrphanPods::new)
                .run(GarbageCollector::new)
                .run(TtlAfterFinishedController::new);
        world.kubelet()
                .exits(p -> Optional.of(
                        new Kubelet.Exit(Duration.ofSeconds(10), p.name().startsWith("bad") ? 1 : 0)));
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void aFinishedJobGoesWithItsPodsWhenItsTimeIsUp() {
        create("good", "'ttlSecondsAfterFinished':60,");
        create("bad", "'ttlSecondsAfterFinished':0,'backoffLimit':0,");
        create("keep", "");
        world.advance(Duration.ofSeconds(15));
        assertThat(world.exists(Resources.JOBS, "default", "bad")).isFalse();
        assertThat(world.pods()).noneMatch(p -> p.name().startsWith("bad"));
        world.advance(Duration.ofSeconds(50));
        assertThat(world.exists(Resources.JOBS, "default", "good")).isTrue();
        world.advance(Duration.ofSeconds(10));
        assertThat(world.exists(Resources.JOBS, "default", "good")).isFalse();
        world.advance(Duration.ofDays(1));
        assertThat(world.pods())
                .singleElement()
                .satisfies(p -> assertThat(p.name()).startsWith("keep-"));
    }

    @Test
    void moreTimeIsGrantedUntilTheLastMoment() {
        create("good", "'ttlSecondsAfterFinished':60,");
        world.advance(Duration.ofSeconds(65));
        world.patch(Resources.JOBS, "default", "good", "{'spec':{'ttlSecondsAfterFinished':600}}");
        world.advance(Duration.ofSeconds(540));
        assertThat(world.exists(Resources.JOBS, "default", "good")).isTrue();
        world.advance(Duration.ofSeconds(20));
        assertThat(world.exists(Resources.JOBS, "default", "good")).isFalse();
    }

    private void create(String name, String spec) {
        world.create(
                Resources.JOBS,
                "default",
                "{'apiVersion':'batch/v1','kind':'Job','metadata':{'name':'" + name + "'},'spec':{" + spec
                        + "'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'app'}]}}}}");
    }
}

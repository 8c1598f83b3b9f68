package dev.coracle.controllers.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Client;
import dev.coracle.controllers.Calls;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.Kubelet;
import dev.coracle.controllers.World;
import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Whatever write is refused, or was the last before the controller died: each pod is counted, and counted once. */
class JobRefusalStoryTest {
    private static final Set<String> WRITES = Set.of("create", "update", "patch", "delete");
    /** More than any of these Jobs needs. */
    private static final int LAST = 40;

    private static final String TEMPLATE =
            "'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'app'}]}}}}";
    private static final String PLAIN = "{'apiVersion':'batch/v1','kind':'Job','metadata':{'name':'work'},"
            + "'spec':{'parallelism':2,'completions':4,'backoffLimit':9," + TEMPLATE;
    private static final String INDEXED = "{'apiVersion':'batch/v1','kind':'Job','metadata':{'name':'work'},"
            + "'spec':{'completionMode':'Indexed','parallelism':2,'completions':4,'backoffLimitPerIndex':9," + TEMPLATE;

    private final AtomicInteger writes = new AtomicInteger();

    @Test
    void eachWriteInTurnIsRefusedAndNothingIsLostOrCountedTwice() throws Exception {
        for (String job : List.of(PLAIN, INDEXED)) {
            int most = 0;
            for (int refused = 0; refused < LAST; refused++) {
                most = Math.max(most, play(job, refused, false));
            }
            assertThat(most).as("all of them were refused once").isBetween(10, LAST);
        }
    }

    @Test
    void theControllerDiesBeforeEachWriteInTurnAndAnotherTakesOver() throws Exception {
        for (String job : List.of(PLAIN, INDEXED)) {
            int most = 0;
            for (int last = 0; last < LAST; last++) {
                most = Math.max(most, play(job, last, true));
            }
            assertThat(most).isBetween(10, LAST);
        }
    }

    /** The first two pods fail. Answers how many writes there were. */
    private int play(String job, int refused, boolean dies) throws Exception {
        writes.set(0);
        AtomicBoolean dead = new AtomicBoolean();
        try (World world = new World(Path.of("unused"))) {
            Client client = Calls.refusing(
                    world.client(),
                    (method, arguments) -> {
                        if (!WRITES.contains(method)) {
                            return false;
                        }
                        boolean now = writes.getAndIncrement() == refused;
                        dead.set(dead.get() || now && dies);
                        return now || dead.get();
                    },
                    () -> StatusException.unavailable("not now"));
            ControllerContext c = world.context();
            JobController first = new JobController(
                    new ControllerContext(client, c.informers(), c.environment(), c.config()), (o, t, r, m) -> {});
            world.run(ignored -> first);
            Kubelet kubelet = world.kubelet();
            kubelet.exits(p -> Optional.of(new Kubelet.Exit(Duration.ofSeconds(2), failed(world) < 2 ? 1 : 0)));
            world.start();
            world.create(Resources.JOBS, "default", job);
            boolean replaced = false;
            for (int second = 0; second < 120; second++) {
                world.settle();
                assertThat(active(world)).as("refused: " + refused).isLessThanOrEqualTo(2);
                if (dead.get() && !replaced) {
                    replaced = true;
                    first.close();
                    world.run(again -> new JobController(again, world.recorder()));
                }
            }
            String at = (dies ? "died at " : "refused: ") + refused;
            Unstructured status = world.get(Resources.JOBS, "work").object("status");
            List<Unstructured> all = world.pods();
            long succeeded = all.stream().filter(JobPods::isSucceeded).count();
            assertThat(succeeded).as(at).isEqualTo(4);
            assertThat(status.integer(0, "succeeded")).as(at).isEqualTo(4);
            assertThat(status.integer(0, "failed")).as(at).isEqualTo(all.size() - 4);
            assertThat(all).as(at).noneMatch(JobPods::isTracked);
            assertThat(World.condition(world.get(Resources.JOBS, "work"), "Complete")
                            .string("status"))
                    .as(at)
                    .isEqualTo("True");
            return writes.get();
        }
    }

    private static long failed(World world) {
        return world.pods().stream()
                .filter(p -> p.string("status", "phase").equals("Failed"))
                .count();
    }

    private static long active(World world) {
        return world.pods().stream().filter(Pods::isActive).count();
    }
}

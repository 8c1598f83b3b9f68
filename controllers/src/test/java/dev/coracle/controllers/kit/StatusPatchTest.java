package dev.coracle.controllers.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A status is written whole, and only where it differs. */
class StatusPatchTest {
    private static final String JOB = "{'apiVersion':'batch/v1','kind':'Job','metadata':{'name':'work'},'spec':{"
            + "'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'app'}]}}}}";

    private final World world = new World(Path.of("unused"));
    private final StatusPatch statuses = new StatusPatch(world.client(), Resources.JOBS);
    private Unstructured job;

    @BeforeEach
    void start() {
        world.start();
        job = world.create(Resources.JOBS, "default", JOB).object();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void whatIsSaidNoMoreGoesAlsoFromWithin() {
        assertThat(
                        statuses.write(
                                job,
                                World.tree(
                                        "{'active':2,'terminating':1,'uncountedTerminatedPods':{'succeeded':['a'],'failed':['b']}}")))
                .isTrue();
        job = world.get(Resources.JOBS, "work");
        Unstructured wanted = World.tree("{'active':1,'uncountedTerminatedPods':{'failed':['b','c']}}");
        assertThat(statuses.write(job, wanted)).isTrue();
        job = world.get(Resources.JOBS, "work");
        assertThat(job.object("status")).isEqualTo(wanted);
        assertThat(statuses.write(job, wanted)).as("nothing to write").isFalse();
        assertThat(world.get(Resources.JOBS, "work").resourceVersion()).isEqualTo(job.resourceVersion());
    }

    @Test
    void whoMustNotErrIsRefusedWhenTheObjectChanged() {
        world.patch(Resources.JOBS, "default", "work", "{'metadata':{'labels':{'a':'b'}}}");
        assertThatThrownBy(() -> statuses.writeUnchanged(job, World.tree("{'active':1}")))
                .isInstanceOfSatisfying(
                        StatusException.class, e -> assertThat(e.isConflict()).isTrue());
        assertThat(statuses.write(job, World.tree("{'active':1}"))).isTrue();
    }

    @Test
    void anotherOfItsNameIsLeftAlone() {
        world.delete(Resources.JOBS, "default", "work", "Background");
        world.create(Resources.JOBS, "default", JOB);
        assertThatThrownBy(() -> statuses.write(job, World.tree("{'active':1}")))
                .isInstanceOfSatisfying(
                        StatusException.class, e -> assertThat(e.isConflict()).isTrue());
        assertThat(world.get(Resources.JOBS, "work").has("status", "active")).isFalse();
    }
}

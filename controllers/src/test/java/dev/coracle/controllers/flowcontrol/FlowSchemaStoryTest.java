package dev.coracle.controllers.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A FlowSchema says whether it leads anywhere. */
class FlowSchemaStoryTest {
    private World world;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused")).run(FlowSchemaController::new).start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    private void schema(String name, String level) {
        world.create(Resources.FLOW_SCHEMAS, "", """
                {'apiVersion':'flowcontrol.apiserver.k8s.io/v1','kind':'FlowSchema','metadata':{'name':'%s'},
                 'spec':{'priorityLevelConfiguration':{'name':'%s'}}}""".formatted(name, level));
        world.settle();
    }

    private void level(String name) {
        world.create(Resources.PRIORITY_LEVEL_CONFIGURATIONS, "", """
                {'apiVersion':'flowcontrol.apiserver.k8s.io/v1','kind':'PriorityLevelConfiguration',
                 'metadata':{'name':'%s'},'spec':{'type':'Limited','limited':{'nominalConcurrencyShares':5,
                 'limitResponse':{'type':'Reject'}}}}""".formatted(name));
        world.settle();
    }

    private Unstructured dangling(String name) {
        return World.condition(
                world.client().get(Resources.FLOW_SCHEMAS, "", name).object(), "Dangling");
    }

    @Test
    void oneWhoseLevelIsThereDoesNotDangleAndThoseOfTheClusterDoNot() {
        assertThat(world.list(Resources.FLOW_SCHEMAS, ""))
                .isNotEmpty()
                .allSatisfy(s -> assertThat(World.condition(s, "Dangling").string("status"))
                        .isEqualTo("False"));
        Unstructured c = dangling("catch-all");
        assertThat(c.string("reason")).isEqualTo("Found");
        assertThat(c.string("message"))
                .isEqualTo("This FlowSchema references the PriorityLevelConfiguration object named \"catch-all\""
                        + " and it exists");
        assertThat(world.client()
                        .get(Resources.FLOW_SCHEMAS, "", "catch-all")
                        .object()
                        .objects("metadata", "managedFields"))
                .anySatisfy(m -> {
                    assertThat(m.string("manager")).isEqualTo("api-priority-and-fairness-config-consumer-v1");
                    assertThat(m.string("subresource")).isEqualTo("status");
                    assertThat(m.string("operation")).isEqualTo("Apply");
                });
    }

    @Test
    void itDanglesUntilItsLevelComesAndWhenThatGoes() {
        schema("mine", "special");
        Unstructured c = dangling("mine");
        assertThat(c.string("status")).isEqualTo("True");
        assertThat(c.string("reason")).isEqualTo("NotFound");
        assertThat(c.string("message"))
                .isEqualTo("This FlowSchema references the PriorityLevelConfiguration object named \"special\""
                        + " but there is no such object");
        assertThat(c.time("lastTransitionTime")).isPresent();

        level("special");
        assertThat(dangling("mine").string("status")).isEqualTo("False");

        world.delete(Resources.PRIORITY_LEVEL_CONFIGURATIONS, "", "special", "");
        world.settle();
        assertThat(dangling("mine").string("status")).isEqualTo("True");

        world.patch(
                Resources.FLOW_SCHEMAS, "", "mine", "{'spec':{'priorityLevelConfiguration':{'name':'workload-low'}}}");
        world.settle();
        assertThat(dangling("mine").string("message")).contains("\"workload-low\" and it exists");
    }

    @Test
    void whoDisagreesIsOvercomeButNotWithoutEnd() {
        schema("mine", "workload-low");
        for (int i = 0; i < 5; i++) {
            disagree();
            assertThat(dangling("mine").string("status")).isEqualTo("False");
        }
        disagree();
        assertThat(dangling("mine").string("status")).as("not now").isEqualTo("True");
        world.advance(java.time.Duration.ofMinutes(3));
        assertThat(dangling("mine").string("status")).isEqualTo("False");
    }

    private void disagree() {
        world.patchStatus(
                Resources.FLOW_SCHEMAS,
                "",
                "mine",
                "{'status':{'conditions':[{'type':'Dangling','status':'True','reason':'Mine','message':'mine'}]}}");
        world.settle();
    }
}

package dev.coracle.controllers.clusterroleaggregation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A role that gathers others shows, and gives, what those have. */
class ClusterRoleAggregationStoryTest {
    private World world;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        world.run(ClusterRoleAggregationController::new);
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    private void role(String name, String label, String resource) {
        world.create(Resources.CLUSTER_ROLES, "", """
                {'apiVersion':'rbac.authorization.k8s.io/v1','kind':'ClusterRole',
                 'metadata':{'name':'%s','labels':{'%s':'true'}},
                 'rules':[{'apiGroups':['example.com'],'resources':['%s'],'verbs':['get']}]}
                """.formatted(name, label, resource));
    }

    private void gathering(String name, String label, String selected) {
        world.create(Resources.CLUSTER_ROLES, "", """
                {'apiVersion':'rbac.authorization.k8s.io/v1','kind':'ClusterRole',
                 'metadata':{'name':'%s','labels':{'%s':'true'}},
                 'aggregationRule':{'clusterRoleSelectors':[{'matchLabels':{'%s':'true'}}]},'rules':[]}
                """.formatted(name, label, selected));
    }

    private List<String> resources(String role) {
        return world.client().get(Resources.CLUSTER_ROLES, "", role).object().objects("rules").stream()
                .map(r -> String.join(",", r.stringList("resources")))
                .toList();
    }

    @Test
    void aRoleThatJoinsViewWidensItAndAllAboveIt() {
        role("widgets", "rbac.authorization.k8s.io/aggregate-to-view", "widgets");
        world.settle();
        for (String role : List.of("view", "edit", "admin")) {
            assertThat(resources(role)).as(role).contains("widgets");
        }
        world.delete(Resources.CLUSTER_ROLES, "", "widgets", "Background");
        world.settle();
        for (String role : List.of("view", "edit", "admin")) {
            assertThat(resources(role)).as(role).doesNotContain("widgets").isNotEmpty();
        }
    }

    @Test
    void rulesComeInTheOrderOfNamesAndOnlyOnce() {
        role("b", "to-all", "bees");
        role("a", "to-all", "ants");
        role("c", "to-all", "bees");
        role("d", "to-none", "drones");
        gathering("all", "x", "to-all");
        world.settle();
        assertThat(resources("all")).containsExactly("ants", "bees");
    }

    @Test
    void whatSomebodyWritesIntoOneIsReplaced() {
        gathering("all", "x", "to-all");
        role("a", "to-all", "ants");
        world.settle();
        world.patch(
                Resources.CLUSTER_ROLES, "", "all", "{'rules':[{'apiGroups':['*'],'resources':['*'],'verbs':['*']}]}");
        world.settle();
        assertThat(resources("all")).containsExactly("ants");
    }

    @Test
    void twoThatSelectEachOtherComeToRest() {
        gathering("left", "to-right", "to-left");
        gathering("right", "to-left", "to-right");
        role("a", "to-left", "ants");
        world.settle();
        assertThat(resources("left")).containsExactly("ants");
        assertThat(resources("right")).containsExactly("ants");
        Unstructured left =
                world.client().get(Resources.CLUSTER_ROLES, "", "left").object();
        world.settle();
        assertThat(world.client().get(Resources.CLUSTER_ROLES, "", "left").object())
                .isEqualTo(left);
    }
}

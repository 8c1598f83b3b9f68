package dev.coracle.apiserver.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.bootstrap.Bootstrap;
import dev.coracle.apiserver.builtin.flowcontrol.FlowSchemas;
import dev.coracle.apiserver.builtin.flowcontrol.PriorityLevels;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.WriteContext;
import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.memory.MemoryStore;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of the levels and schemas that are there from the start when somebody lays hands on them. */
class UpkeepTest {
    private static final GroupVersionResource LEVELS = PriorityLevels.DEFINITION.resource();
    private static final GroupVersionResource SCHEMAS = FlowSchemas.DEFINITION.resource();
    private static final String AUTO = "apf.kubernetes.io/autoupdate-spec";

    private final SystemEnvironment system = new SystemEnvironment((name, e) -> e.printStackTrace());
    private final Environment environment = system.environment();
    private final MemoryStore store = new MemoryStore(environment);
    private final Registry registry = new Registry(store, environment, "10.96.0.0/16", false);
    private final Upkeep upkeep = new Upkeep(registry);

    @BeforeEach
    void start() {
        Bootstrap.ensure(registry, environment.tasks());
    }

    @AfterEach
    void close() {
        registry.close();
        store.close();
        system.close();
    }

    private Unstructured find(GroupVersionResource resource, String name) {
        return registry.find(resource, "", name).orElseThrow().object();
    }

    private void change(GroupVersionResource resource, String name, Object value, String... path) {
        registry.update(resource, "", name, WriteContext.SERVER, o -> o.copy().set(value, path));
    }

    @Test
    void whatWasDeletedComesBack() {
        for (String name : List.of("exempt", "catch-all", "global-default")) {
            for (GroupVersionResource resource : List.of(SCHEMAS, LEVELS)) {
                Unstructured before = find(resource, name);
                registry.delete(resource, "", name, DeleteOptions.DEFAULT, WriteContext.SERVER);
                assertThat(registry.find(resource, "", name)).isEmpty();
                upkeep.run();
                assertThat(find(resource, name).get("spec")).isEqualTo(before.get("spec"));
            }
        }
    }

    @Test
    void whatWasChangedIsChangedBackUnlessSomebodySaysThatItIsHis() {
        change(LEVELS, "workload-low", 7L, "spec", "limited", "nominalConcurrencyShares");
        change(LEVELS, "workload-high", 7L, "spec", "limited", "nominalConcurrencyShares");
        change(LEVELS, "workload-high", "false", "metadata", "annotations", AUTO);
        change(LEVELS, "node-high", null, "metadata", "annotations", AUTO);
        change(LEVELS, "system", null, "metadata", "annotations", AUTO);
        change(LEVELS, "system", 7L, "spec", "limited", "nominalConcurrencyShares");
        upkeep.run();
        assertThat(shares("workload-low")).isEqualTo(100);
        assertThat(shares("workload-high")).isEqualTo(7);
        // Nothing was said, and it is as it was made.
        assertThat(find(LEVELS, "node-high").annotations()).containsEntry(AUTO, "true");
        // Nothing was said, and it was changed.
        assertThat(find(LEVELS, "system").annotations()).containsEntry(AUTO, "false");
        assertThat(shares("system")).isEqualTo(7);
    }

    @Test
    void whatIsMandatoryIsNobodysOwn() {
        change(SCHEMAS, "exempt", "false", "metadata", "annotations", AUTO);
        change(LEVELS, "exempt", 5L, "spec", "exempt", "nominalConcurrencyShares");
        upkeep.run();
        assertThat(find(SCHEMAS, "exempt").annotations()).containsEntry(AUTO, "true");
        assertThat(find(LEVELS, "exempt").integer(0, "spec", "exempt", "nominalConcurrencyShares"))
                .isEqualTo(5);
    }

    @Test
    void whatIsAsItShouldBeIsNotWritten() {
        String before = find(LEVELS, "system").string("metadata", "resourceVersion");
        upkeep.run();
        upkeep.run();
        assertThat(find(LEVELS, "system").string("metadata", "resourceVersion")).isEqualTo(before);
    }

    private long shares(String level) {
        return find(LEVELS, level).integer(0, "spec", "limited", "nominalConcurrencyShares");
    }
}

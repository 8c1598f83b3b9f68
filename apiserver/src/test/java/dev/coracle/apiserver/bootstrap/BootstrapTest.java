package dev.coracle.apiserver.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.registry.Registry;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.memory.MemoryStore;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a start finds of an earlier one. */
class BootstrapTest {
    private final Environment environment = new VirtualEnvironment(9).environment();
    private MemoryStore store;
    private Registry registry;

    @BeforeEach
    void open() {
        store = new MemoryStore(environment);
        registry = new Registry(store, environment, "10.96.0.0/16", false);
    }

    @AfterEach
    void close() {
        registry.close();
        store.close();
    }

    private static Unstructured binding(String name, String group) {
        return Unstructured.of("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "", name)
                .set(Map.of("apiGroup", "rbac.authorization.k8s.io", "kind", "ClusterRole", "name", name), "roleRef")
                .set(
                        List.of(Map.of("apiGroup", "rbac.authorization.k8s.io", "kind", "Group", "name", group)),
                        "subjects");
    }

    private static Unstructured ours(Unstructured binding) {
        return binding.set("rbac-defaults", "metadata", "labels", "kubernetes.io/bootstrapping");
    }

    private List<Unstructured> subjects(String name) {
        return registry.get(Resources.CLUSTER_ROLE_BINDINGS, "", name).object().objects("subjects");
    }

    @Test
    void rightsThatAllNodesOnceHadAreTakenAway() {
        registry.ensure(Resources.CLUSTER_ROLE_BINDINGS, "", ours(binding("system:node", "system:nodes")));
        registry.ensure(Resources.CLUSTER_ROLE_BINDINGS, "", ours(binding("coracle:node", "system:nodes")));
        Bootstrap.ensure(registry, environment.tasks());
        assertThat(subjects("system:node")).isEmpty();
        assertThat(registry.find(Resources.CLUSTER_ROLE_BINDINGS, "", "coracle:node"))
                .isEmpty();
    }

    @Test
    void whatSomebodyElseMadeUnderTheSameNameStays() {
        registry.ensure(Resources.CLUSTER_ROLE_BINDINGS, "", ours(binding("system:node", "my-nodes")));
        registry.ensure(Resources.CLUSTER_ROLE_BINDINGS, "", binding("ingress-nginx", "my-controllers"));
        Bootstrap.ensure(registry, environment.tasks());
        Bootstrap.ensure(registry, environment.tasks());
        assertThat(subjects("system:node")).hasSize(1);
        assertThat(subjects("ingress-nginx")).hasSize(1);
        assertThat(subjects("system:coracle:ingress-controller")).hasSize(1);
    }
}

package dev.coracle.controllers.namespace;

import static dev.coracle.controllers.World.condition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.controllers.serviceaccount.ServiceAccountController;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A namespace is furnished, emptied and gone. */
class NamespaceStoryTest {
    private World world;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        world.run(NamespaceController::new);
        world.run(ServiceAccountController::new);
        world.kubelet().shutdown(Duration.ofSeconds(10));
        world.start();
        world.create(Resources.NAMESPACES, "", "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'shop'}}");
        world.settle();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void whatEveryNamespaceHasComesBackWhenDeletedOrChanged() {
        assertThat(world.exists(Resources.SERVICE_ACCOUNTS, "shop", "default")).isTrue();
        assertThat(rootCa()).startsWith("-----BEGIN CERTIFICATE");
        world.delete(Resources.SERVICE_ACCOUNTS, "shop", "default", "");
        world.patch(Resources.CONFIG_MAPS, "shop", "kube-root-ca.crt", "{'data':{'ca.crt':'forged'}}");
        world.settle();
        assertThat(world.exists(Resources.SERVICE_ACCOUNTS, "shop", "default")).isTrue();
        assertThat(rootCa()).startsWith("-----BEGIN CERTIFICATE");
    }

    @Test
    void podsGoFirstThenAllElseThenTheNamespace() {
        world.create(
                Resources.PODS,
                "shop",
                "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'web'},'spec':{'containers':[{'name':'c',"
                        + "'image':'app'}]}}");
        world.create(
                Resources.CONFIG_MAPS,
                "shop",
                "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'held','finalizers':['example.com/hold']}}");
        world.settle();
        world.delete(Resources.NAMESPACES, "", "shop", "");
        world.settle();
        assertThat(world.list(Resources.CONFIG_MAPS, "shop"))
                .as("nothing else before the pods")
                .noneMatch(Unstructured::isDeleting);
        assertThat(condition(namespace(), "NamespaceContentRemaining").string("message"))
                .isEqualTo("Some resources are remaining: pods. has 1 resource instances");
        assertThat(world.exists(Resources.SERVICE_ACCOUNTS, "shop", "default")).isTrue();

        world.advance(Duration.ofSeconds(15));
        assertThat(world.list(Resources.PODS, "shop")).isEmpty();
        assertThat(world.list(Resources.SERVICE_ACCOUNTS, "shop")).isEmpty();
        assertThat(condition(namespace(), "NamespaceFinalizersRemaining").string("message"))
                .isEqualTo("Some content in the namespace has finalizers remaining: "
                        + "example.com/hold in 1 resource instances");

        world.patch(Resources.CONFIG_MAPS, "shop", "held", "{'metadata':{'finalizers':null}}");
        world.settle();
        assertThat(world.exists(Resources.NAMESPACES, "", "shop")).isFalse();
        assertThat(world.exists(Resources.NAMESPACES, "", "default")).isTrue();
    }

    private String rootCa() {
        return world.client()
                .get(Resources.CONFIG_MAPS, "shop", "kube-root-ca.crt")
                .object()
                .string("data", "ca.crt");
    }

    private Unstructured namespace() {
        return world.client().get(Resources.NAMESPACES, "", "shop").object();
    }
}

package dev.coracle.kubelet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Client;
import dev.coracle.kubelet.KubeletConfig;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.ImageService;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeRegistrationTest {
    private Unstructured node = Unstructured.of("v1", "Node", "", "n");

    private static <T> T fake(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    /** Device plugins and users advertise what the kubelet does not know of. */
    @Test
    void whatOthersAdvertiseStaysAndCanBeAskedFor(@TempDir Path dir) {
        Client client = fake(Client.class, (proxy, method, args) -> {
            if (!method.getName().equals("get")) {
                node = ((Unstructured) args[method.getName().equals("create") ? 2 : 1]).copy();
            }
            return new Revision(Resources.NODES, 1, node.json());
        });
        ImageService images = fake(ImageService.class, (proxy, method, args) -> List.of());
        var config = new KubeletConfig(
                "n", "10.0.0.2", dir, "10.1.0.0/24", "", "", 2000, 1 << 30, 110, Map.of(), List.of(), "", "", "", dir);
        var registration = new NodeRegistration(
                config, client, images, new VirtualEnvironment(1).environment().clock());
        registration.register();
        node.set("5", "status", "capacity", "example.com/dongle");
        registration.refresh(false);
        assertThat(node.strings("status", "capacity")).containsEntry("example.com/dongle", "5");
        assertThat(node.strings("status", "allocatable"))
                .containsEntry("example.com/dongle", "5")
                .containsEntry("cpu", "2");
        node.remove("status", "capacity", "example.com/dongle");
        registration.refresh(true);
        assertThat(node.strings("status", "allocatable")).doesNotContainKey("example.com/dongle");
    }
}

package dev.coracle.apiserver;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A server in memory and its administrator; objects are written as YAML. */
final class Cluster implements AutoCloseable {
    final VirtualEnvironment world = new VirtualEnvironment(42);
    final ApiServer server = ApiServer.inMemory(world.environment());
    final Client admin = server.client(UserInfo.ADMIN);

    @SuppressWarnings("unchecked")
    static Unstructured yaml(String text) {
        return new Unstructured((Map<String, Object>) Yaml.parseAll(text).getFirst());
    }

    Unstructured create(GroupVersionResource r, String text) {
        Unstructured o = yaml(text);
        boolean namespaced =
                admin.resources().stream().noneMatch(a -> a.resource().equals(r) && !a.namespaced());
        String namespace = !namespaced ? "" : o.namespace().isEmpty() ? "default" : o.namespace();
        return admin.create(r, namespace, o, WriteOptions.DEFAULT).object();
    }

    Unstructured get(GroupVersionResource r, String name) {
        return admin.get(r, "default", name).object();
    }

    Unstructured put(GroupVersionResource r, Unstructured o) {
        return admin.update(r, o, WriteOptions.DEFAULT).object();
    }

    Unstructured apply(GroupVersionResource r, String manager, String text) {
        return apply(r, manager, text, false);
    }

    Unstructured apply(GroupVersionResource r, String manager, String text, boolean force) {
        var patch = new Patch(Patch.Type.APPLY, text.getBytes(StandardCharsets.UTF_8));
        return admin.patch(r, "default", yaml(text).name(), patch, new WriteOptions("", manager, force, false))
                .object();
    }

    Unstructured merge(GroupVersionResource r, String name, String text) {
        return admin.patch(r, "default", name, Patch.merge(yaml(text)), WriteOptions.DEFAULT)
                .object();
    }

    int count(GroupVersionResource r) {
        return admin.list(r, "", ListOptions.ALL).items().size();
    }

    static StatusException refused(ThrowingCallable what) {
        StatusException e = catchThrowableOfType(StatusException.class, what);
        if (e == null) {
            throw new AssertionError("nothing was refused");
        }
        return e;
    }

    /** {@code reason field} of each cause. */
    static List<String> causes(StatusException e) {
        return e.details().objects("causes").stream()
                .map(c -> c.string("reason") + " " + c.string("field"))
                .toList();
    }

    @Override
    public void close() {
        server.close();
    }
}

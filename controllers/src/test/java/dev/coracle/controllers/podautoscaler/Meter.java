package dev.coracle.controllers.podautoscaler;

import dev.coracle.client.Client;
import dev.coracle.controllers.World;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What a test's pods use: a client that answers as the metrics APIs would, and asks the server all else. */
final class Meter {
    private final World world;
    /** In thousandths of a core; a pod of which it says null is not measured. */
    Function<Unstructured, Long> processor = pod -> 0L;
    /** Answers of extension servers, by the path below {@code /apis} and the query: {@code …?labelSelector=a=b}. */
    final Map<String, String> others = new LinkedHashMap<>();

    Meter(World world) {
        this.world = world;
    }

    Client client() {
        return (Client) Proxy.newProxyInstance(
                Client.class.getClassLoader(), new Class<?>[] {Client.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("read")) {
                        return read(arguments);
                    }
                    if (method.getName().equals("get")
                            && ((GroupVersionResource) arguments[0]).resource().equals("apiservices")) {
                        return world.client().get(Resources.NAMESPACES, "", registered((String) arguments[2]));
                    }
                    try {
                        return method.invoke(world.client(), arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Something that is there, if somebody answers for the group. */
    private String registered(String service) {
        int dot = service.indexOf('.');
        String path = service.substring(dot + 1) + "/" + service.substring(0, dot) + "/";
        return others.keySet().stream().anyMatch(k -> k.startsWith(path)) ? "default" : "none";
    }

    private Unstructured read(Object[] arguments) {
        var resource = (GroupVersionResource) arguments[0];
        @SuppressWarnings("unchecked")
        var parameters = (Map<String, String>) arguments[4];
        if (resource.group().equals("metrics.k8s.io")) {
            return pods((String) arguments[1], LabelSelector.parse(parameters.getOrDefault("labelSelector", "")));
        }
        StringBuilder path = new StringBuilder(resource.apiVersion() + "/" + arguments[1] + "/" + resource.resource());
        for (int i = 2; i < 4; i++) {
            path.append(arguments[i].equals("") ? "" : "/" + arguments[i]);
        }
        new java.util.TreeMap<>(parameters).forEach((k, v) -> path.append(v.isEmpty() ? "" : "?" + k + "=" + v));
        String answer = others.get(path.toString());
        if (answer == null) {
            throw StatusException.notServed(resource, "");
        }
        return World.tree(answer);
    }

    private Unstructured pods(String namespace, LabelSelector selector) {
        List<Unstructured> items = new ArrayList<>();
        for (Unstructured pod : world.list(Resources.PODS, namespace)) {
            Long milli = processor.apply(pod);
            if (selector.matches(pod.labels())
                    && milli != null
                    && pod.string("status", "phase").equals("Running")) {
                items.add(World.tree("""
                        {'metadata': {'name': '%s', 'namespace': '%s'}, 'timestamp': '%s', 'window': '10.016s',
                         'containers': [{'name': 'c', 'usage': {'cpu': '%dn', 'memory': '10Mi'}}]}
                        """.formatted(pod.name(), namespace, world.now(), milli * 1_000_000)));
            }
        }
        return new Unstructured(new LinkedHashMap<>()).set(items, "items");
    }
}

package dev.coracle.apiserver.http;

import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * {@code /api/v1/componentstatuses}: whether the components are well, asked when somebody reads it. Here they are one
 * process, so that all are who can be asked at all, except that the store may have stopped.
 */
final class ComponentRoutes {
    static final GroupVersionResource RESOURCE = new GroupVersionResource("", "v1", "componentstatuses");
    private static final List<String> COMPONENTS = List.of("scheduler", "controller-manager", "etcd-0");
    private static final List<Column> COLUMNS = List.of(
            NAME,
            text(
                    "Status",
                    o -> o.objects("conditions").getFirst().string("status").equals("True") ? "Healthy" : "Unhealthy"),
            text("Message", o -> o.objects("conditions").getFirst().string("message")),
            text("Error", o -> o.objects("conditions").getFirst().string("error")));

    private final Supplier<Optional<Throwable>> storeFailure;
    private final Computed computed;

    ComponentRoutes(Supplier<Optional<Throwable>> storeFailure, Computed computed) {
        this.storeFailure = storeFailure;
        this.computed = computed;
    }

    /** Of the {@code APIResourceList} of {@code v1}. */
    static Map<String, Object> resource() {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("name", RESOURCE.resource());
        m.put("singularName", "componentstatus");
        m.put("namespaced", false);
        m.put("kind", "ComponentStatus");
        m.put("verbs", List.of("get", "list"));
        m.put("shortNames", List.of("cs"));
        return m;
    }

    /** Answers, if this is one of them. @param path from the resource on */
    boolean handles(
            Request request,
            Answer answer,
            Consumer<String> warnings,
            GroupVersionResource resource,
            List<String> path) {
        if (!resource.equals(RESOURCE) || path.size() > 2) {
            return false;
        }
        Computed.requireRead(request);
        warnings.accept("v1 ComponentStatus is deprecated in v1.19+");
        if (path.size() == 1) {
            List<Unstructured> all = COMPONENTS.stream()
                    .map(this::component)
                    .filter(Computed.selected(request))
                    .toList();
            computed.list(request, answer, RESOURCE, "ComponentStatus", COLUMNS, all);
        } else if (COMPONENTS.contains(path.get(1))) {
            computed.one(request, answer, RESOURCE, COLUMNS, component(path.get(1)));
        } else {
            throw StatusException.notFound(RESOURCE, path.get(1));
        }
        return true;
    }

    private Unstructured component(String name) {
        Optional<Throwable> failure = name.equals("etcd-0") ? storeFailure.get() : Optional.empty();
        Unstructured condition = new Unstructured(new LinkedHashMap<>())
                .set("Healthy", "type")
                .set(failure.isEmpty() ? "True" : "False", "status");
        failure.ifPresentOrElse(
                f -> condition.set(String.valueOf(f.getMessage()), "error"), () -> condition.set("ok", "message"));
        return Unstructured.of("v1", "ComponentStatus", "", name)
                .set(new ArrayList<>(List.of(condition)), "conditions");
    }
}

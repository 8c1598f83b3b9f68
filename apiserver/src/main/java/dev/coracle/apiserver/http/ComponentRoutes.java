package dev.coracle.apiserver.http;

import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
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
    private final Tables tables;
    private final Encodings encodings;

    ComponentRoutes(Supplier<Optional<Throwable>> storeFailure, Tables tables, Encodings encodings) {
        this.encodings = encodings;
        this.storeFailure = storeFailure;
        this.tables = tables;
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
        if (!request.method().equals("GET") || request.info().verb().equals("watch")) {
            throw new StatusException(
                    405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        }
        warnings.accept("v1 ComponentStatus is deprecated in v1.19+");
        if (path.size() == 1) {
            list(request, answer);
        } else if (COMPONENTS.contains(path.get(1))) {
            one(request, answer, component(path.get(1)));
        } else {
            throw StatusException.notFound(RESOURCE, path.get(1));
        }
        return true;
    }

    private Revision component(String name) {
        Optional<Throwable> failure = name.equals("etcd-0") ? storeFailure.get() : Optional.empty();
        Unstructured condition = new Unstructured(new LinkedHashMap<>())
                .set("Healthy", "type")
                .set(failure.isEmpty() ? "True" : "False", "status");
        failure.ifPresentOrElse(
                f -> condition.set(String.valueOf(f.getMessage()), "error"), () -> condition.set("ok", "message"));
        Unstructured o = Unstructured.of("v1", "ComponentStatus", "", name)
                .set(new ArrayList<>(List.of(condition)), "conditions");
        return new Revision(RESOURCE, 0, o.json(), o);
    }

    private void one(Request request, Answer answer, Revision r) {
        switch (Representation.of(request, true).shape()) {
            case TABLE -> table(request, answer, List.of(r));
            case METADATA -> send(request, answer, Tables.partial(r));
            case WHOLE -> send(request, answer, r.object().map());
        }
    }

    private void list(Request request, Answer answer) {
        LabelSelector labels = selector(request);
        List<Revision> all = COMPONENTS.stream()
                .map(this::component)
                .filter(r -> labels.matches(r.labels()))
                .toList();
        switch (Representation.of(request, true).shape()) {
            case TABLE -> table(request, answer, all);
            case METADATA ->
                send(
                        request,
                        answer,
                        Unstructured.of("meta.k8s.io/v1", "PartialObjectMetadataList")
                                .set(new LinkedHashMap<>(), "metadata")
                                .set(all.stream().map(Tables::partial).toList(), "items")
                                .map());
            case WHOLE ->
                send(
                        request,
                        answer,
                        Unstructured.of("v1", "ComponentStatusList")
                                .set(new LinkedHashMap<>(), "metadata")
                                .set(all.stream().map(r -> r.object().map()).toList(), "items")
                                .map());
        }
    }

    private void table(Request request, Answer answer, List<Revision> rows) {
        String include = request.parameter("includeObject");
        Tables.check(include);
        send(request, answer, tables.table(COLUMNS, rows, new LinkedHashMap<>(), true, include));
    }

    private void send(Request request, Answer answer, Map<String, Object> tree) {
        encodings.send(answer, 200, Representation.of(request, true).format(), tree);
    }

    private static LabelSelector selector(Request request) {
        try {
            return LabelSelector.parse(request.parameter("labelSelector"));
        } catch (IllegalArgumentException e) {
            throw StatusException.badRequest(String.valueOf(e.getMessage()));
        }
    }
}

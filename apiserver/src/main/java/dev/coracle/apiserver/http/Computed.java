package dev.coracle.apiserver.http;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.FieldSelector;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Answers with objects that are stored nowhere, but made when somebody asks: they are got and listed in every shape and
 * encoding that there is, and can neither be watched nor written.
 */
final class Computed {
    private final Tables tables;
    private final Encodings encodings;
    private final boolean messages;

    /** @param messages whether there is protobuf of the kinds */
    Computed(Tables tables, Encodings encodings, boolean messages) {
        this.tables = tables;
        this.encodings = encodings;
        this.messages = messages;
    }

    /** @throws StatusException 405 for all but getting and listing */
    static void requireRead(Request request) {
        if (!request.method().equals("GET") || request.info().verb().equals("watch")) {
            throw new StatusException(
                    405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        }
    }

    /**
     * Those that the query's selectors choose.
     *
     * @throws StatusException 400 for one that nobody can read
     */
    static Predicate<Unstructured> selected(Request request) {
        try {
            LabelSelector labels = LabelSelector.parse(request.parameter("labelSelector"));
            FieldSelector fields = FieldSelector.parse(
                    request.parameter("fieldSelector"),
                    Map.of("metadata.name", Unstructured::name, "metadata.namespace", Unstructured::namespace));
            return o -> labels.matches(o.labels()) && fields.matches(o);
        } catch (IllegalArgumentException e) {
            throw StatusException.badRequest(String.valueOf(e.getMessage()));
        }
    }

    void one(Request request, Answer answer, GroupVersionResource resource, List<Column> columns, Unstructured object) {
        Revision r = revision(resource, object);
        switch (Representation.of(request, messages).shape()) {
            case TABLE -> table(request, answer, columns, List.of(r));
            case METADATA -> send(request, answer, Tables.partial(r));
            case WHOLE -> send(request, answer, object.map());
        }
    }

    /** @param kind of the items */
    void list(
            Request request,
            Answer answer,
            GroupVersionResource resource,
            String kind,
            List<Column> columns,
            List<Unstructured> objects) {
        List<Revision> all = objects.stream().map(o -> revision(resource, o)).toList();
        switch (Representation.of(request, messages).shape()) {
            case TABLE -> table(request, answer, columns, all);
            case METADATA ->
                send(
                        request,
                        answer,
                        list(
                                "meta.k8s.io/v1",
                                "PartialObjectMetadata",
                                all.stream().map(Tables::partial).toList()));
            case WHOLE ->
                send(
                        request,
                        answer,
                        list(
                                resource.apiVersion(),
                                kind,
                                objects.stream().map(Unstructured::map).toList()));
        }
    }

    private static Map<String, Object> list(String apiVersion, String kind, List<Map<String, Object>> items) {
        return Unstructured.of(apiVersion, kind + "List")
                .set(new LinkedHashMap<>(), "metadata")
                .set(new ArrayList<Object>(items), "items")
                .map();
    }

    private static Revision revision(GroupVersionResource resource, Unstructured object) {
        return new Revision(resource, 0, object.json(), object);
    }

    private void table(Request request, Answer answer, List<Column> columns, List<Revision> rows) {
        String include = request.parameter("includeObject");
        Tables.check(include);
        send(request, answer, tables.table(columns, rows, new LinkedHashMap<>(), true, include));
    }

    private void send(Request request, Answer answer, Map<String, Object> tree) {
        encodings.send(answer, 200, Representation.of(request, messages).format(), tree);
    }
}

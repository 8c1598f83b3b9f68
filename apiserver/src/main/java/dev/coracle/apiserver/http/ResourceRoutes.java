package dev.coracle.apiserver.http;

import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.Scale;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.RevisionList;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The verbs on resources: what a method and a path mean for the client contract. */
final class ResourceRoutes {
    /** What a path names; {@code ""} for parts it does not have. */
    record Target(GroupVersionResource resource, String namespace, String name, String subresource) {}

    private static final GroupVersionKind DELETE_OPTIONS = new GroupVersionKind("", "v1", "DeleteOptions");
    private static final Set<String> OF_COLLECTIONS = Set.of("GET", "POST", "DELETE");

    private final Registry registry;
    private final FieldGate fields;
    private final Bodies bodies;
    private final Encodings encodings;
    private final Tables tables;
    private final Watches watches;

    ResourceRoutes(Registry registry, Environment environment, FieldGate fields, Bodies bodies, Encodings encodings) {
        this.bodies = bodies;
        this.encodings = encodings;
        this.registry = registry;
        this.fields = fields;
        this.tables = new Tables(environment.clock());
        this.watches = new Watches(environment, tables, registry, encodings);
    }

    void handle(Client client, Request request, Answer answer, Target t) {
        ResourceDefinition d = definition(t);
        if (!t.subresource().isEmpty() && !d.subresources().contains(t.subresource())) {
            throw StatusException.notServed(t.resource(), t.name());
        }
        // Who could not read the answer is told so before anything is done.
        if (request.info().verb().equals("watch")) {
            Representation.stream(request, encodings.messages(d.kind()));
        } else {
            representation(request, t);
        }
        boolean collection = t.name().isEmpty();
        switch (collection && !OF_COLLECTIONS.contains(request.method()) ? "" : request.method()) {
            case "GET" -> read(client, request, answer, t);
            case "POST" -> post(client, request, answer, t);
            case "PUT" -> put(client, request, answer, t);
            case "PATCH" -> patch(client, request, answer, t);
            case "DELETE" -> delete(client, request, answer, t);
            default ->
                throw new StatusException(
                        405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        }
    }

    private void read(Client client, Request request, Answer answer, Target t) {
        Representation wanted = representation(request, t);
        if (wanted.shape() == Representation.Shape.TABLE) {
            Tables.check(request.parameter("includeObject"));
        }
        if (t.name().isEmpty()) {
            if (request.info().verb().equals("watch")) {
                watches.serve(client, request, answer, t, Parameters.list(request));
            } else {
                list(client, request, answer, t);
            }
            return;
        }
        Revision r = client.get(t.resource(), t.namespace(), t.name());
        switch (t.subresource()) {
            case "", "status", "approval", "ephemeralcontainers", "resize" -> send(request, answer, 200, t, r);
            case "scale" ->
                encodings.send(
                        answer,
                        200,
                        wanted.format(),
                        Scale.of(definition(t), r.object()).map());
            default ->
                throw new StatusException(
                        405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        }
    }

    private void list(Client client, Request request, Answer answer, Target t) {
        RevisionList list = client.list(t.resource(), t.namespace(), Parameters.list(request));
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("resourceVersion", list.resourceVersion());
        if (!list.continueToken().isEmpty()) {
            metadata.put("continue", list.continueToken());
            if (list.remaining() > 0) {
                metadata.put("remainingItemCount", list.remaining());
            }
        }
        send(request, answer, t, metadata, list.items());
    }

    /** A list, as the client wants it. */
    private void send(Request request, Answer answer, Target t, Map<String, Object> metadata, List<Revision> items) {
        ResourceDefinition d = definition(t);
        Representation wanted = representation(request, t);
        switch (wanted.shape()) {
            case TABLE ->
                encodings.send(
                        answer,
                        200,
                        wanted.format(),
                        tables.table(d.columns(), items, metadata, true, request.parameter("includeObject")));
            case METADATA ->
                encodings.send(
                        answer,
                        200,
                        wanted.format(),
                        Unstructured.of("meta.k8s.io/v1", "PartialObjectMetadataList")
                                .set(metadata, "metadata")
                                .set(items.stream().map(Tables::partial).toList(), "items")
                                .map());
            case WHOLE ->
                answer.send(
                        200, wanted.format().mediaType(), encodings.list(wanted.format(), d.kind(), metadata, items));
        }
    }

    private void post(Client client, Request request, Answer answer, Target t) {
        List<String> strictErrors = new ArrayList<>();
        Unstructured body = bodies.read(request, strictErrors::add, kind(t));
        if (!t.subresource().isEmpty()) {
            encodings.send(
                    fields.body(request, answer, body, strictErrors),
                    201,
                    representation(request, t).format(),
                    client.post(t.resource(), t.namespace(), t.name(), t.subresource(), body)
                            .map());
            return;
        }
        if (!t.name().isEmpty()) {
            throw new StatusException(
                    405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        }
        Answer told = fields.body(request, answer, typed(body, t), strictErrors);
        send(
                request,
                told,
                201,
                t,
                client.create(t.resource(), t.namespace(), body, Parameters.write(request, "", true)));
    }

    private void put(Client client, Request request, Answer answer, Target t) {
        List<String> strictErrors = new ArrayList<>();
        Unstructured body = typed(bodies.read(request, strictErrors::add, kind(t)), t);
        Answer told = fields.body(request, answer, body, strictErrors);
        if (t.namespace().isEmpty()) {
            body.remove("metadata", "namespace");
        } else if (body.namespace().isEmpty()) {
            body.set(t.namespace(), "metadata", "namespace");
        } else if (!body.namespace().equals(t.namespace())) {
            throw StatusException.badRequest("the namespace of the object (" + body.namespace()
                    + ") does not match the namespace on the URL (" + t.namespace() + ")");
        }
        if (!body.name().equals(t.name())) {
            throw StatusException.badRequest("the name of the object (" + body.name()
                    + ") does not match the name on the URL (" + t.name() + ")");
        }
        send(
                request,
                told,
                200,
                t,
                client.update(t.resource(), body, Parameters.write(request, t.subresource(), true)));
    }

    private void patch(Client client, Request request, Answer answer, Target t) {
        String type = request.header("content-type").replaceAll(";.*", "").trim();
        for (Patch.Type p : Patch.Type.values()) {
            boolean merges = p != Patch.Type.STRATEGIC || definition(t).schema().isEmpty();
            if (p.mediaType().equals(type) && merges) {
                boolean made = p == Patch.Type.APPLY
                        && registry.find(definition(t).storage(), t.namespace(), t.name())
                                .isEmpty();
                FieldGate.Patched told = fields.patch(request, answer, kind(t), p, t.name());
                Revision r = client.patch(
                        t.resource(),
                        t.namespace(),
                        t.name(),
                        told.patch(),
                        Parameters.write(request, t.subresource(), p != Patch.Type.APPLY));
                send(request, told.answer(), made ? 201 : 200, t, r);
                return;
            }
        }
        throw new StatusException(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: "
                        + "application/json-patch+json, application/merge-patch+json, "
                        + (definition(t).schema().isEmpty() ? "application/strategic-merge-patch+json, " : "")
                        + "application/apply-patch+yaml");
    }

    private GroupVersionKind kind(Target t) {
        return t.subresource().equals("scale")
                ? new GroupVersionKind("autoscaling", "v1", "Scale")
                : definition(t).kind();
    }

    private void delete(Client client, Request request, Answer answer, Target t) {
        DeleteOptions options = Parameters.delete(request, options(request));
        if (!t.name().isEmpty()) {
            Revision r = client.delete(t.resource(), t.namespace(), t.name(), options);
            Optional<Unstructured> gone = Deleted.status(r);
            if (gone.isPresent()) {
                encodings.send(
                        answer,
                        200,
                        representation(request, t).format(),
                        gone.get().map());
            } else {
                send(request, answer, 200, t, r);
            }
            return;
        }
        List<Revision> gone = new ArrayList<>();
        RevisionList all = client.list(t.resource(), t.namespace(), Parameters.list(request));
        for (Revision r : all.items()) {
            try {
                gone.add(client.delete(t.resource(), r.namespace(), r.name(), options));
            } catch (StatusException e) {
                if (!e.isNotFound()) {
                    throw e;
                }
                // Somebody else was faster.
            }
        }
        send(request, answer, t, new LinkedHashMap<>(Map.of("resourceVersion", all.resourceVersion())), gone);
    }

    /** The {@code DeleteOptions} of the body, of whatever group's version the client takes them from. */
    private Unstructured options(Request request) {
        if (request.body().length == 0) {
            return new Unstructured(Map.of());
        }
        Unstructured options = bodies.read(request, d -> {}, DELETE_OPTIONS);
        if (!options.kind().isEmpty() && !options.kind().equals("DeleteOptions")) {
            throw StatusException.badRequest("no kind \"" + options.kind() + "\" is registered for version \""
                    + options.apiVersion() + "\" in scheme");
        }
        fields.options(options, "DeleteOptions");
        return options;
    }

    /** An object of the resource's kind; clients may leave out what the path says. */
    private Unstructured typed(Unstructured body, Target t) {
        ResourceDefinition d = definition(t);
        if (body.apiVersion().isEmpty()) {
            body.set(d.kind().apiVersion(), "apiVersion");
        }
        if (body.kind().isEmpty()) {
            body.set(d.kind().kind(), "kind");
        }
        return body;
    }

    private void send(Request request, Answer answer, int code, Target t, Revision r) {
        Representation wanted = representation(request, t);
        switch (wanted.shape()) {
            case TABLE -> {
                Map<String, Object> metadata = new LinkedHashMap<>(Map.of("resourceVersion", "" + r.version()));
                encodings.send(
                        answer,
                        code,
                        wanted.format(),
                        tables.table(
                                definition(t).columns(),
                                List.of(r),
                                metadata,
                                true,
                                request.parameter("includeObject")));
            }
            case METADATA -> encodings.send(answer, code, wanted.format(), Tables.partial(r));
            case WHOLE -> answer.send(code, wanted.format().mediaType(), encodings.bytes(wanted.format(), r));
        }
    }

    private Representation representation(Request request, Target t) {
        return Representation.of(request, encodings.messages(kind(t)));
    }

    private ResourceDefinition definition(Target t) {
        return registry.definition(t.resource()).orElseThrow();
    }
}

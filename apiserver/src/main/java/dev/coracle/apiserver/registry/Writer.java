package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.admission.AdmissionChain;
import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.definition.Defaults;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.definition.Rules;
import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.EmptyFields;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A write's way: the client's object → {@link Lifecycle} (what is the server's to decide) → {@link Defaults} →
 * {@link FieldOwnership} → {@link AdmissionChain} → {@link Rules} → a transaction that holds only while the object
 * is still the one it was made from. Locks are taken in this order: a namespace's quota, Services.
 */
final class Writer {
    /** How often a generated name may turn out to be taken, as upstream has it. */
    private static final int NAME_ATTEMPTS = 8;

    private static final Unstructured NONE = new Unstructured(Map.of());

    private final Registry registry;
    private final Commits commits;
    private final Lifecycle lifecycle;
    private final FieldOwnership ownership;
    private final AdmissionChain admission;

    Writer(Registry registry, Commits commits, Environment environment, AdmissionChain admission) {
        this.registry = registry;
        this.commits = commits;
        this.lifecycle = new Lifecycle(environment);
        this.ownership = new FieldOwnership(registry.schemas(), environment.clock());
        this.admission = admission;
    }

    Revision create(GroupVersionResource resource, String namespace, Unstructured given, WriteContext context) {
        ResourceDefinition d = registry.known(resource);
        checkKind(d, given);
        if (!given.resourceVersion().isEmpty() && !given.resourceVersion().equals("0")) {
            // Upstream has no reason for this one and so answers as if it had failed itself.
            throw new StatusException(500, "", "resourceVersion should not be set on objects to be created");
        }
        boolean generated = given.name().isEmpty();
        for (int attempt = 1; ; attempt++) {
            Unstructured o = given.copy();
            dropEmpty(d, o);
            place(d, o, namespace);
            lifecycle.create(d, o);
            Defaults.apply(d, o);
            ownership.created(d, o, context);
            try {
                return insert(d, o, context);
            } catch (StatusException e) {
                if (!generated || !e.isAlreadyExists() || attempt == NAME_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private Revision insert(ResourceDefinition d, Unstructured o, WriteContext context) {
        var request = new AdmissionRequest(
                AdmissionRequest.Operation.CREATE,
                d.resource(),
                "",
                o.namespace(),
                o.name(),
                o,
                NONE,
                context.user(),
                context.dryRun(),
                context.warnings());
        return admission.around(
                request,
                () -> {
                    d.strategy().created().accept(o);
                    Rules.check(d, context.rule(), o, null);
                },
                () -> commits.insert(d, o, context.dryRun()));
    }

    private void dropEmpty(ResourceDefinition d, Unstructured o) {
        registry.schemas().of(d.kind()).ifPresent(schema -> EmptyFields.drop(schema, o.map()));
    }

    private static void checkKind(ResourceDefinition d, Unstructured o) {
        if (!o.groupVersionKind().equals(d.kind())) {
            throw Registry.otherKind(d, o);
        }
    }

    private static void place(ResourceDefinition d, Unstructured o, String namespace) {
        if (!d.namespaced()) {
            o.remove("metadata", "namespace");
            return;
        }
        if (!o.namespace().isEmpty() && !o.namespace().equals(namespace)) {
            throw StatusException.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the request");
        }
        o.set(namespace, "metadata", "namespace");
    }

    Revision update(
            GroupVersionResource resource,
            String namespace,
            String name,
            WriteContext context,
            UnaryOperator<Unstructured> change) {
        ResourceDefinition d = registry.known(resource);
        while (true) {
            Revision current = registry.get(resource, namespace, name);
            Unstructured next = change.apply(current.object().copy());
            Optional<Revision> done = replace(d, current, next, context, false);
            if (done.isPresent()) {
                return done.get();
            }
        }
    }

    Revision apply(
            GroupVersionResource resource,
            String namespace,
            String name,
            Unstructured intent,
            boolean force,
            WriteContext context,
            Runnable beforeCreate) {
        ResourceDefinition d = registry.known(resource);
        checkKind(d, intent);
        if (intent.name().isEmpty()) {
            intent.set(name, "metadata", "name");
        }
        while (true) {
            Optional<Revision> live = registry.find(resource, namespace, name);
            try {
                if (live.isEmpty()) {
                    return applyNew(d, namespace, name, intent, force, context, beforeCreate);
                }
                Unstructured merged = ownership.applied(d, live.get().object(), intent, force, context);
                Optional<Revision> done = replace(d, live.get(), merged, context, true);
                if (done.isPresent()) {
                    return done.get();
                }
            } catch (StatusException e) {
                // Somebody made it meanwhile: then there is something to apply to.
                if (live.isPresent() || !e.isAlreadyExists()) {
                    throw e;
                }
            }
        }
    }

    private Revision applyNew(
            ResourceDefinition d,
            String namespace,
            String name,
            Unstructured intent,
            boolean force,
            WriteContext context,
            Runnable beforeCreate) {
        if (!context.subresource().isEmpty()) {
            throw StatusException.notFound(d.resource(), name);
        }
        if (!intent.uid().isEmpty()) {
            throw StatusException.conflict(
                    d.resource(),
                    name,
                    "uid mismatch: the provided object specified uid " + intent.uid()
                            + ", and no existing object was found");
        }
        if (!intent.name().equals(name)) {
            throw StatusException.badRequest(
                    "the name of the object (" + intent.name() + ") does not match the name on the URL (" + name + ")");
        }
        if (!intent.resourceVersion().isEmpty()) {
            throw new StatusException(500, "", "resourceVersion should not be set on objects to be created");
        }
        beforeCreate.run();
        Unstructured o = ownership.applied(d, null, intent, force, context);
        dropEmpty(d, o);
        place(d, o, namespace);
        lifecycle.create(d, o);
        Defaults.apply(d, o);
        return insert(d, o, context);
    }

    /** Empty when another write came between. */
    private Optional<Revision> replace(
            ResourceDefinition d, Revision current, Unstructured next, WriteContext context, boolean owned) {
        Unstructured old = current.object();
        checkKind(d, next);
        dropEmpty(d, next);
        Lifecycle.identify(d, next, old, context);
        Lifecycle.update(d, next, old, context);
        if (context.status()) {
            Defaults.applyToStatus(d, next);
        } else {
            Defaults.apply(d, next);
        }
        if (!owned) {
            if (Commits.same(next, old, false)) {
                return Optional.of(current);
            }
            ownership.updated(d, old, next, context);
        }
        var request = new AdmissionRequest(
                AdmissionRequest.Operation.UPDATE,
                d.resource(),
                context.subresource(),
                old.namespace(),
                old.name(),
                next,
                old,
                context.user(),
                context.dryRun(),
                context.warnings());
        if (context.status()) {
            admission.admitSubresource(request);
            Rules.checkStatus(d, next, old);
            return commits.replace(d, current, next, context.dryRun());
        }
        return admission.around(
                request,
                () -> {
                    // What is stored may be older than a default.
                    Unstructured before = old.copy();
                    dropEmpty(d, before);
                    Defaults.apply(d, before);
                    Rules.checkPart(d, context.subresource(), context.rule(), next, before);
                    Lifecycle.generation(d, next, before);
                },
                () -> commits.replace(d, current, next, context.dryRun()));
    }

    Revision delete(
            GroupVersionResource resource, String namespace, String name, DeleteOptions options, WriteContext context) {
        ResourceDefinition d = registry.known(resource);
        var request = new AdmissionRequest(
                AdmissionRequest.Operation.DELETE,
                resource,
                "",
                namespace,
                name,
                NONE,
                NONE,
                context.user(),
                context.dryRun(),
                context.warnings());
        return admission.around(request, () -> {}, () -> {
            while (true) {
                Revision current = registry.get(resource, namespace, name);
                Deletions.check(current, options);
                Unstructured next = lifecycle.deleting(d, current.object(), options);
                if (context.dryRun() || !Lifecycle.released(d, next) && Commits.same(next, current.object(), true)) {
                    return current;
                }
                Optional<Revision> done = commits.write(d, current, next);
                if (done.isPresent()) {
                    return done.get();
                }
            }
        });
    }
}

package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.admission.AdmissionChain;
import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Write;
import dev.coracle.apiserver.definition.Defaults;
import dev.coracle.apiserver.definition.MetadataRules;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.definition.Rules;
import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.EmptyFields;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A write's way: the client's object → {@link Lifecycle} (what is the server's to decide) → {@link Defaults} →
 * {@link FieldOwnership} → {@link AdmissionChain} → {@link Rules} → a transaction that holds only while the object
 * is still the one it was made from. Locks are taken in this order: a namespace's quota, Services.
 */
final class Writer {
    /** How often a generated name may turn out to be taken, as upstream has it. */
    private static final int NAME_ATTEMPTS = 8;

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
        String namespace = o.namespace();
        Object uid = o.get("metadata", "uid");
        Object created = o.get("metadata", "creationTimestamp");
        var request = new AdmissionRequest(
                AdmissionRequest.Operation.CREATE,
                d.kind(),
                d.resource(),
                context.requested(d.resource()),
                "",
                namespace,
                o.name(),
                o,
                AdmissionRequest.NONE,
                context.options("CreateOptions"),
                context.user(),
                context.dryRun(),
                context.warnings());
        return admission.around(request, new Write<Revision>() {
            @Override
            public void complete() {
                checkKind(d, o);
                dropEmpty(d, o);
                place(d, o, namespace);
                Lifecycle.begin(d, o.set(uid, "metadata", "uid").set(created, "metadata", "creationTimestamp"));
                Defaults.apply(d, o);
            }

            @Override
            public void check() {
                d.strategy().created().accept(o);
                Rules.check(d, context.rule(), o, null);
                warn(d, o, null, context);
            }

            @Override
            public Revision store() {
                return commits.insert(d, o, context.dryRun());
            }
        });
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
        beforeCreate.run();
        Unstructured o = ownership.applied(d, null, intent, force, context);
        // What comes is a version that is not: clients ask so for an object that must not have been there before.
        o.remove("metadata", "resourceVersion");
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
        complete(d, next, old, context);
        if (!owned) {
            if (Commits.same(next, old, false)) {
                next.set(Json.copyOrNull(old.get("metadata", "managedFields")), "metadata", "managedFields");
            } else {
                ownership.updated(d, old, next, context);
            }
        }
        // Of what is scaled, admission sees the Scale alone.
        boolean scaled = context.subresource().equals("scale");
        Unstructured seen = scaled ? Scale.of(d, next) : next;
        var request = new AdmissionRequest(
                AdmissionRequest.Operation.UPDATE,
                seen.groupVersionKind(),
                d.resource(),
                context.requested(d.resource()),
                context.subresource(),
                old.namespace(),
                old.name(),
                seen,
                scaled ? Scale.of(d, old) : old,
                context.options("UpdateOptions"),
                context.user(),
                context.dryRun(),
                context.warnings());
        return admission.around(request, new Write<Optional<Revision>>() {
            @Override
            public void complete() {
                if (scaled) {
                    Scale.into(d, next, seen);
                }
                checkKind(d, next);
                dropEmpty(d, next);
                Lifecycle.identify(d, next, old, context);
                Writer.this.complete(d, next, old, context);
            }

            @Override
            public void check() {
                Writer.this.check(d, next, old, context);
            }

            @Override
            public Optional<Revision> store() {
                return commits.replace(d, current, next, context.dryRun());
            }
        });
    }

    /** Puts back what such a write may not touch, and fills in what was left out. */
    private static void complete(ResourceDefinition d, Unstructured next, Unstructured old, WriteContext context) {
        Lifecycle.update(d, next, old, context);
        if (context.status()) {
            Defaults.applyToStatus(d, next);
        } else {
            Defaults.apply(d, next);
        }
    }

    private void check(ResourceDefinition d, Unstructured next, Unstructured old, WriteContext context) {
        if (context.status()) {
            Rules.checkStatus(d, next, old);
            return;
        }
        // What is stored may be older than a default.
        Unstructured before = old.copy();
        dropEmpty(d, before);
        Defaults.apply(d, before);
        Rules.checkPart(d, context.subresource(), context.rule(), next, before);
        Lifecycle.generation(d, next, before);
        warn(d, next, old, context);
    }

    private static void warn(ResourceDefinition d, Unstructured o, @Nullable Unstructured old, WriteContext context) {
        if (d.schema().isPresent()) {
            MetadataRules.warnings(o, old).forEach(context.warnings());
        }
    }

    Revision delete(
            GroupVersionResource resource, String namespace, String name, DeleteOptions options, WriteContext context) {
        ResourceDefinition d = registry.known(resource);
        while (true) {
            Revision current = registry.get(resource, namespace, name);
            Deletions.check(current, options);
            var request = new AdmissionRequest(
                    AdmissionRequest.Operation.DELETE,
                    d.kind(),
                    resource,
                    context.requested(resource),
                    "",
                    namespace,
                    name,
                    AdmissionRequest.NONE,
                    current.object(),
                    context.options(options),
                    context.user(),
                    context.dryRun(),
                    context.warnings());
            Optional<Revision> done =
                    admission.around(request, Write.of(() -> delete(d, current, options, context.dryRun())));
            if (done.isPresent()) {
                return done.get();
            }
        }
    }

    /** Of what has been admitted as something else than a deletion. */
    Revision deleteAdmitted(
            GroupVersionResource resource, String namespace, String name, DeleteOptions options, WriteContext context) {
        ResourceDefinition d = registry.known(resource);
        while (true) {
            Revision current = registry.get(resource, namespace, name);
            Deletions.check(current, options);
            Optional<Revision> done = delete(d, current, options, context.dryRun());
            if (done.isPresent()) {
                return done.get();
            }
        }
    }

    /** Empty when another write came between. */
    private Optional<Revision> delete(ResourceDefinition d, Revision current, DeleteOptions options, boolean dryRun) {
        Unstructured next = lifecycle.deleting(d, current.object(), options);
        if (dryRun || !Lifecycle.released(d, next) && Commits.same(next, current.object(), true)) {
            return Optional.of(current);
        }
        return commits.write(d, current, next);
    }
}

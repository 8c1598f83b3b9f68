package dev.coracle.apiserver.custom;

import dev.coracle.apiserver.builtin.apiextensions.CustomResourceDefinitions;
import dev.coracle.apiserver.definition.CustomSchema;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.WriteContext;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Reconciler.Result;
import dev.coracle.client.WatchEvent;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Follows the CustomResourceDefinitions in the registry: accepts their names, serves what they say, and empties what is to
 * go. Upstream has a controller for each of these; they act on one object, so here one does.
 */
public final class CustomResources implements AutoCloseable {
    private static final GroupVersionResource DEFINITIONS = CustomResourceDefinitions.DEFINITION.resource();
    private static final WriteContext STATUS =
            new WriteContext(WriteContext.SERVER.user(), WriteContext.SERVER.manager(), "status", false, w -> {});
    /**
     * What is served for one definition, and which generation of it that was: its schemas are large, and a new generation
     * is what a changed one gets.
     *
     * @param stored the version that is written
     * @param resources all that is to be withdrawn, {@code stored} too
     */
    private record Serving(
            String uid,
            long generation,
            Unstructured names,
            GroupVersionResource stored,
            Set<GroupVersionResource> resources) {
        boolean isOf(Unstructured crd) {
            return uid.equals(crd.uid())
                    && generation == crd.generation()
                    && names.equals(crd.object("status", "acceptedNames"));
        }
    }

    private final Registry registry;
    private final Environment environment;
    private final Function<Map<String, Object>, CustomSchema> schemas;
    private final WebhookConversion.Post webhooks;
    private final Map<String, Serving> serving = new HashMap<>();
    /** The objects of definitions that are to go, held by finalizers of their own. */
    private final Map<String, Client.Watch> emptying = new HashMap<>();

    private final KeyedWorkQueue<String> queue;
    private final Client.Watch watch;

    /**
     * @param schemas reads a version's {@code openAPIV3Schema}
     * @param webhooks asks conversion webhooks
     */
    public CustomResources(
            Registry registry,
            Environment environment,
            Function<Map<String, Object>, CustomSchema> schemas,
            WebhookConversion.Post webhooks) {
        this.registry = registry;
        this.environment = environment;
        this.schemas = schemas;
        this.webhooks = webhooks;
        // One worker: two definitions that want one name must not both find it free.
        this.queue = new KeyedWorkQueue<>(environment, "crd", 1, this::reconcile);
        // What was established before this server began is served before it listens.
        for (Revision r : registry.list(DEFINITIONS, "", any -> true, 0, "").items()) {
            if (is(r.object(), "Established")) {
                serve(r.object());
            }
        }
        this.watch = registry.watch(DEFINITIONS, "", any -> true, -1, new Client.WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                if (event.type() != WatchEvent.Type.BOOKMARK) {
                    queue.add(event.revision().name());
                }
            }

            @Override
            public void onClosed(StatusException cause) {
                throw new IllegalStateException("the registry ended a watch of its own", cause);
            }
        });
    }

    private Result reconcile(String name) {
        Optional<Revision> found = registry.find(DEFINITIONS, "", name);
        if (found.isEmpty()) {
            withdraw(name);
            return Result.DONE;
        }
        Unstructured crd = found.get().object();
        if (crd.isDeleting()) {
            return empty(crd);
        }
        establish(crd);
        return Result.DONE;
    }

    // ---- coming

    private void establish(Unstructured crd) {
        List<Unstructured> others = ofGroup(crd.name()).stream()
                .filter(r -> !r.name().equals(crd.name()))
                .map(Revision::object)
                .toList();
        CustomNames names = CustomNames.of(crd, others);
        Unstructured next = crd.copy();
        next.set(names.accepted().map(), "status", "acceptedNames");
        if (names.conflict().isPresent()) {
            condition(
                    next,
                    "NamesAccepted",
                    "False",
                    names.conflict().get().reason(),
                    names.conflict().get().message());
            if (!is(crd, "Established")) {
                condition(next, "Established", "False", "NotAccepted", "not all names are accepted");
            }
        } else {
            condition(next, "NamesAccepted", "True", "NoConflicts", "no conflicts found");
            if (!is(crd, "Established")) {
                condition(next, "Established", "True", "InitialNamesAccepted", "the initial names have been accepted");
            }
        }
        if (is(next, "Established")) {
            // Served first: who sees the condition may use it at once.
            serve(next);
        }
        if (!next.equals(crd)) {
            update(next);
        }
    }

    /** Also when the definition has changed: what is watched ends, and is watched anew by the new definition. */
    private void serve(Unstructured crd) {
        Serving before = serving.get(crd.name());
        if (before != null && before.isOf(crd)) {
            return;
        }
        CustomDefinition custom = definition(crd);
        Set<GroupVersionResource> now = new LinkedHashSet<>();
        custom.served().forEach(d -> now.add(d.resource()));
        GroupVersionResource stored = custom.stored().resource();
        now.add(stored);
        registry.replace(before == null ? Set.of() : before.resources(), custom.stored(), custom.served());
        serving.put(
                crd.name(),
                new Serving(
                        crd.uid(),
                        crd.generation(),
                        crd.object("status", "acceptedNames").copy(),
                        stored,
                        now));
    }

    private CustomDefinition definition(Unstructured crd) {
        String name = crd.name(); // What is asked later is not to hold the whole.
        return CustomDefinition.of(
                crd,
                schemas,
                () -> registry.find(DEFINITIONS, "", name)
                        .map(Revision::isDeleting)
                        .orElse(true),
                crd.string("spec", "conversion", "strategy").equals("Webhook")
                        ? Optional.of(new WebhookConversion(
                                crd.object("spec", "conversion", "webhook"), webhooks, environment.entropy()::uuid))
                        : Optional.empty());
    }

    private void withdraw(String name) {
        Serving before = serving.remove(name);
        if (before != null) {
            registry.withdraw(before.resources());
        }
        // Its names are free now for whoever waits for them.
        for (Revision r : ofGroup(name)) {
            if (!is(r.object(), "NamesAccepted")) {
                queue.add(r.name());
            }
        }
    }

    /** Definitions of one's group, by their names ({@code PLURAL.GROUP}): to look into all would cost what there are. */
    private List<Revision> ofGroup(String name) {
        String group = name.substring(name.indexOf('.'));
        return registry.list(
                        DEFINITIONS,
                        "",
                        r -> r.name().endsWith(group)
                                && r.name().indexOf('.') == r.name().length() - group.length(),
                        0,
                        "")
                .items();
    }

    // ---- going

    private Result empty(Unstructured crd) {
        if (!crd.finalizers().contains(CustomResourceDefinitions.FINALIZER)) {
            return Result.DONE;
        }
        Unstructured next = crd.copy();
        condition(next, "Terminating", "True", "InstanceDeletionInProgress", "CustomResource deletion is in progress");
        if (!next.equals(crd)) {
            update(next);
            // The write comes back as an event.
            return Result.DONE;
        }
        if (deleteAll(crd) > 0) {
            return Result.DONE;
        }
        Optional.ofNullable(emptying.remove(crd.name())).ifPresent(Client.Watch::close);
        Unstructured free = crd.copy();
        condition(free, "Terminating", "False", "InstanceDeletionCompleted", "removed all instances");
        update(free);
        // Before it goes: who is told that it went must not find its objects served still, and follow them for ever.
        withdraw(crd.name());
        registry.update(DEFINITIONS, "", crd.name(), WriteContext.SERVER, o -> {
            List<String> rest = new ArrayList<>(o.finalizers());
            rest.remove(CustomResourceDefinitions.FINALIZER);
            return o.set(rest.isEmpty() ? null : rest, "metadata", "finalizers");
        });
        return Result.DONE;
    }

    /** How many objects are still there, held by finalizers of their own. */
    private int deleteAll(Unstructured crd) {
        Serving served = serving.get(crd.name());
        if (served == null) {
            return 0;
        }
        GroupVersionResource stored = served.stored();
        emptying.computeIfAbsent(crd.name(), name -> gone(stored, name));
        // Each that goes asks again: those that wait for their finalizers are not deleted anew each time.
        for (Revision r : registry.list(stored, "", o -> !o.isDeleting(), 0, "").items()) {
            try {
                registry.delete(stored, r.namespace(), r.name(), DeleteOptions.DEFAULT, WriteContext.SERVER);
            } catch (StatusException e) {
                if (!e.isNotFound()) {
                    throw e;
                }
            }
        }
        return registry.list(stored, "", any -> true, 0, "").items().size();
    }

    /** Looks at the definition again whenever one of its objects is gone. */
    private Client.Watch gone(GroupVersionResource resource, String name) {
        return registry.watch(resource, "", any -> true, registry.version(resource), new Client.WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                if (event.type() == WatchEvent.Type.DELETED) {
                    queue.add(name);
                }
            }

            @Override
            public void onClosed(StatusException cause) {
                // Its definition went before the last of its objects did.
            }
        });
    }

    // ---- status

    private void update(Unstructured next) {
        registry.update(DEFINITIONS, "", next.name(), STATUS, old -> old.set(next.get("status"), "status"));
    }

    private static boolean is(Unstructured crd, String type) {
        return crd.objects("status", "conditions").stream()
                .anyMatch(
                        c -> c.string("type").equals(type) && c.string("status").equals("True"));
    }

    private void condition(Unstructured crd, String type, String status, String reason, String message) {
        Map<String, Object> condition = new LinkedHashMap<>();
        condition.put("type", type);
        condition.put("status", status);
        condition.put("reason", reason);
        condition.put("message", message);
        List<Object> all = new ArrayList<>();
        boolean known = false;
        for (Unstructured c : crd.objects("status", "conditions")) {
            if (!c.string("type").equals(type)) {
                all.add(c.map());
                continue;
            }
            known = true;
            boolean same = c.string("status").equals(status);
            condition.put(
                    "lastTransitionTime",
                    same
                            ? c.string("lastTransitionTime")
                            : Timestamps.format(environment.clock().now()));
            all.add(condition);
        }
        if (!known) {
            condition.put(
                    "lastTransitionTime", Timestamps.format(environment.clock().now()));
            all.add(condition);
        }
        crd.set(all, "status", "conditions");
    }

    @Override
    public void close() {
        watch.close();
        queue.close();
        emptying.values().forEach(Client.Watch::close);
    }
}

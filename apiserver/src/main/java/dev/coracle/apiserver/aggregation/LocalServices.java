package dev.coracle.apiserver.aggregation;

import dev.coracle.apiserver.aggregation.Priorities.Priority;
import dev.coracle.apiserver.builtin.apiextensions.CustomResourceDefinitions;
import dev.coracle.apiserver.builtin.apiregistration.ApiServices;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.WriteContext;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Reconciler.Result;
import dev.coracle.client.WatchEvent;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.env.Together;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Writes an APIService for each group and version that this server answers for. Those of built-in groups are put right
 * when it starts, and then are whoever's who changes them; those of CustomResourceDefinitions come and go with them, and
 * are put right whenever they change. One without the label that says so is nobody's business here.
 *
 * <p>{@code metrics.k8s.io} is an exception: whoever installs metrics-server names its Service in the APIService that is
 * there already. Theirs wins, at the next start too.
 */
final class LocalServices implements AutoCloseable {
    static final String MANAGED = "kube-aggregator.kubernetes.io/automanaged";
    private static final String ON_START = "onstart";
    private static final String ALWAYS = "true";
    private static final GroupVersionResource SERVICES = ApiServices.DEFINITION.resource();
    private static final GroupVersionResource DEFINITIONS = CustomResourceDefinitions.DEFINITION.resource();

    private static final int AT_ONCE = 16;

    private final Registry registry;
    private final Set<String> builtIn;
    private final Tasks tasks;
    private final KeyedWorkQueue<String> queue;
    private final List<Client.Watch> watches = new ArrayList<>();

    /** @param builtIn groups and versions ({@code apps/v1}) that need no definition */
    LocalServices(Registry registry, Environment environment, Set<String> builtIn) {
        this.registry = registry;
        this.builtIn = Set.copyOf(builtIn);
        this.tasks = environment.tasks();
        this.queue = new KeyedWorkQueue<>(environment, "apiservice-local", 1, this::reconcile);
    }

    void start() {
        Set<String> before = new HashSet<>();
        all().forEach(r -> before.add(r.name()));
        Set<String> names = new TreeSet<>(before);
        builtIn.forEach(gv -> names.add(name(gv)));
        List<String> each = List.copyOf(names);
        Together.run(tasks, AT_ONCE, each.size(), i -> begin(each.get(i), before.contains(each.get(i))));
        watches.add(registry.watch(
                DEFINITIONS, "", any -> true, -1, told(r -> concerned(r).forEach(queue::add))));
        watches.add(registry.watch(SERVICES, "", any -> true, -1, told(r -> queue.add(r.name()))));
    }

    private static Client.WatchListener told(Consumer<Revision> action) {
        return new Client.WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                if (event.type() != WatchEvent.Type.BOOKMARK) {
                    action.accept(event.revision());
                }
            }

            @Override
            public void onClosed(StatusException cause) {
                throw new IllegalStateException("the registry ended a watch of its own", cause);
            }
        };
    }

    /** The versions that a definition names, and those of its group that are there: it may have named them before. */
    private Set<String> concerned(Revision definition) {
        Unstructured crd = definition.object();
        String group = crd.string("spec", "group");
        Set<String> names = new TreeSet<>();
        crd.objects("spec", "versions").forEach(v -> names.add(v.string("name") + "." + group));
        all().stream()
                .filter(r -> r.object().string("spec", "group").equals(group))
                .forEach(r -> names.add(r.name()));
        return names;
    }

    // ---- what is wanted

    /** {@code v1.apps} of {@code apps/v1}, and {@code v1.} of {@code v1}. */
    static String name(String groupVersion) {
        int slash = groupVersion.indexOf('/');
        return slash < 0
                ? groupVersion + "."
                : groupVersion.substring(slash + 1) + "." + groupVersion.substring(0, slash);
    }

    private static String groupVersion(String name) {
        int dot = name.indexOf('.');
        String group = name.substring(dot + 1);
        return group.isEmpty() ? name.substring(0, dot) : group + "/" + name.substring(0, dot);
    }

    private Optional<Unstructured> wanted(String name) {
        String gv = groupVersion(name);
        if (builtIn.contains(gv)) {
            return Priorities.builtIn(gv).map(p -> service(name, p, ON_START));
        }
        return defined(name) ? Optional.of(service(name, Priorities.CUSTOM, ALWAYS)) : Optional.empty();
    }

    private boolean defined(String name) {
        // A definition's name ends in its group.
        String group = name.substring(name.indexOf('.'));
        return registry.list(DEFINITIONS, "", r -> r.name().endsWith(group), 0, "").items().stream()
                .map(Revision::object)
                .anyMatch(crd -> crd.objects("spec", "versions").stream()
                        .anyMatch(v ->
                                v.bool("served") && name.equals(v.string("name") + "." + crd.string("spec", "group"))));
    }

    private static Unstructured service(String name, Priority priority, String managed) {
        int dot = name.indexOf('.');
        Unstructured o = Unstructured.of("apiregistration.k8s.io/v1", "APIService", "", name);
        o.set(managed, "metadata", "labels", MANAGED);
        if (dot < name.length() - 1) {
            o.set(name.substring(dot + 1), "spec", "group");
        }
        return o.set(name.substring(0, dot), "spec", "version")
                .set(priority.group(), "spec", "groupPriorityMinimum")
                .set(priority.version(), "spec", "versionPriority");
    }

    // ---- and what is done about it

    /** At the start everything is looked at, whether it is kept right afterwards or not. */
    private void begin(String name, boolean there) {
        Optional<Unstructured> wanted = wanted(name);
        if (!there) {
            wanted.ifPresent(this::create);
            return;
        }
        Unstructured found = registry.get(SERVICES, "", name).object();
        if (managed(found).isEmpty() || isTheirMetrics(found)) {
            return;
        }
        settle(found, wanted);
    }

    /** From then on only what is always kept right. */
    private Result reconcile(String name) {
        Optional<Unstructured> wanted = wanted(name).filter(w -> managed(w).equals(ALWAYS));
        Optional<Revision> found = registry.find(SERVICES, "", name);
        if (found.isEmpty()) {
            wanted.ifPresent(this::create);
        } else if (managed(found.get().object()).equals(ALWAYS)) {
            settle(found.get().object(), wanted);
        }
        return Result.DONE;
    }

    private void create(Unstructured wanted) {
        registry.create(SERVICES, "", wanted, WriteContext.SERVER);
    }

    private void settle(Unstructured found, Optional<Unstructured> wanted) {
        if (wanted.isEmpty()) {
            registry.delete(SERVICES, "", found.name(), DeleteOptions.of(found.uid()), WriteContext.SERVER);
        } else if (!found.object("spec").equals(wanted.get().object("spec"))) {
            registry.update(
                    SERVICES,
                    "",
                    found.name(),
                    WriteContext.SERVER,
                    old -> old.set(wanted.get().get("spec"), "spec"));
        }
    }

    private static boolean isTheirMetrics(Unstructured service) {
        return service.string("spec", "group").equals("metrics.k8s.io") && service.has("spec", "service");
    }

    private static String managed(Unstructured service) {
        return service.labels().getOrDefault(MANAGED, "");
    }

    private List<Revision> all() {
        return registry.list(SERVICES, "", any -> true, 0, "").items();
    }

    @Override
    public void close() {
        watches.forEach(Client.Watch::close);
        queue.close();
    }
}

package dev.coracle.apiserver.definition;

import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongBiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Tells a {@link ResourceDefinition} in the order in which one asks: what is it called, what completes it, what refuses it,
 * what does the server decide, how is it found and shown. What is left out is as most kinds have it.
 */
public final class DefinitionBuilder {
    private final GroupVersionKind kind;
    private final String plural;
    private final boolean namespaced;
    private final List<String> shortNames = new ArrayList<>();
    private final List<String> categories = new ArrayList<>();
    private final Set<String> subresources = new TreeSet<>();
    private final Map<String, Function<Unstructured, String>> selectable = new TreeMap<>();
    private String singular;
    private String directory;
    private List<Column> columns = Columns.STANDARD;

    private Consumer<Unstructured> amounts = o -> {};
    private Consumer<Unstructured> defaults = o -> {};
    private Consumer<Unstructured> statusDefaults = o -> {};

    private Function<String, List<String>> names = Names::subdomain;
    private Rule rule = Rule.NONE;
    private final Map<String, StatusRule> partRules = new TreeMap<>();
    private StatusRule statusRule = StatusRule.NONE;

    private boolean generations;
    private BiPredicate<Unstructured, Unstructured> desires =
            (next, old) -> !Objects.equals(next.get("spec"), old.get("spec"));
    private boolean bringsStatus;
    private boolean versionedUpdates;
    private Duration life = Duration.ZERO;
    private Consumer<Unstructured> created = o -> {};
    private BiConsumer<Unstructured, Unstructured> updated = (next, old) -> {};
    private BiConsumer<Unstructured, Unstructured> statusUpdated = (next, old) -> {};
    private final List<List<String>> statusResets = new ArrayList<>();
    private ToLongBiFunction<Unstructured, DeleteOptions> grace = (o, options) -> 0;
    private Consumer<Unstructured> deleting = o -> {};
    private boolean orphans;
    private Predicate<Unstructured> held = o -> false;
    private ScalePaths scale = ScalePaths.WORKLOAD;
    private @Nullable CustomSchema schema;
    private UnaryOperator<Unstructured> read = o -> o;
    private @Nullable Conversion conversion;
    private String deprecation = "";

    private DefinitionBuilder(GroupVersionKind kind, String plural, boolean namespaced) {
        this.kind = kind;
        this.plural = plural;
        this.namespaced = namespaced;
        this.directory = plural;
        this.singular = kind.kind().toLowerCase(Locale.ROOT);
        selectable("metadata.name");
        if (namespaced) {
            selectable("metadata.namespace");
        }
    }

    public static DefinitionBuilder namespaced(String group, String version, String kind, String plural) {
        return new DefinitionBuilder(new GroupVersionKind(group, version, kind), plural, true);
    }

    public static DefinitionBuilder clusterScoped(String group, String version, String kind, String plural) {
        return new DefinitionBuilder(new GroupVersionKind(group, version, kind), plural, false);
    }

    // ---- what it is called

    public DefinitionBuilder shortNames(String... names) {
        shortNames.addAll(List.of(names));
        return this;
    }

    public DefinitionBuilder categories(String... names) {
        categories.addAll(List.of(names));
        return this;
    }

    public DefinitionBuilder subresources(String... names) {
        subresources.addAll(List.of(names));
        return this;
    }

    /** Where it is not the kind in lower case. */
    public DefinitionBuilder singular(String name) {
        this.singular = name;
        return this;
    }

    /** Where upstream stores it under another name than its plural. */
    public DefinitionBuilder directory(String name) {
        this.directory = name;
        return this;
    }

    // ---- what completes it

    /** @param rewrites the object's quantities canonically, with the help of {@link Amounts} */
    public DefinitionBuilder amounts(Consumer<Unstructured> rewrites) {
        this.amounts = rewrites;
        return this;
    }

    /** @param complete in place; doing it twice must change nothing */
    public DefinitionBuilder defaults(Consumer<Unstructured> complete) {
        this.defaults = complete;
        return this;
    }

    public DefinitionBuilder statusDefaults(Consumer<Unstructured> complete) {
        this.statusDefaults = complete;
        return this;
    }

    // ---- what refuses it

    /** @param errors what is wrong with a name; {@link Names#subdomain} where nothing is said */
    public DefinitionBuilder names(Function<String, List<String>> errors) {
        this.names = errors;
        return this;
    }

    public DefinitionBuilder rules(Rule whole) {
        this.rule = whole;
        return this;
    }

    public DefinitionBuilder statusRules(StatusRule status) {
        this.statusRule = status;
        return this;
    }

    /** For what is written through this subresource alone. */
    public DefinitionBuilder rulesOf(String subresource, StatusRule part) {
        partRules.put(subresource, part);
        return this;
    }

    // ---- what the server decides: see Strategy

    public DefinitionBuilder generations() {
        this.generations = true;
        return this;
    }

    public DefinitionBuilder generations(BiPredicate<Unstructured, Unstructured> differ) {
        this.desires = differ;
        return generations();
    }

    public DefinitionBuilder bringsStatus() {
        this.bringsStatus = true;
        return this;
    }

    public DefinitionBuilder versionedUpdates() {
        this.versionedUpdates = true;
        return this;
    }

    public DefinitionBuilder life(Duration afterLastWrite) {
        this.life = afterLastWrite;
        return this;
    }

    public DefinitionBuilder created(Consumer<Unstructured> complete) {
        this.created = complete;
        return this;
    }

    /** @param keep given what is to be stored and what was */
    public DefinitionBuilder updated(BiConsumer<Unstructured, Unstructured> keep) {
        this.updated = keep;
        return this;
    }

    /** @param keep given what is to be stored and what was */
    public DefinitionBuilder statusUpdated(BiConsumer<Unstructured, Unstructured> keep) {
        this.statusUpdated = keep;
        return this;
    }

    /** @param path beside the spec, what a write of the status leaves alone */
    public DefinitionBuilder statusResets(String... path) {
        statusResets.add(List.of(path));
        return this;
    }

    public DefinitionBuilder grace(ToLongBiFunction<Unstructured, DeleteOptions> seconds) {
        this.grace = seconds;
        return this;
    }

    public DefinitionBuilder deleting(Consumer<Unstructured> mark) {
        this.deleting = mark;
        return this;
    }

    /** A deletion that does not say what becomes of the dependents leaves them behind. */
    public DefinitionBuilder orphans() {
        this.orphans = true;
        return this;
    }

    public DefinitionBuilder heldWhile(Predicate<Unstructured> held) {
        this.held = held;
        return this;
    }

    /** Where the subresource {@code scale} finds its numbers, if not where Deployments have them. */
    public DefinitionBuilder scale(ScalePaths paths) {
        this.scale = paths;
        return this;
    }

    // ---- what it is where users brought it

    /** Its schema prunes, completes and judges. */
    public DefinitionBuilder schema(CustomSchema schema) {
        this.schema = schema;
        return defaults(schema::complete).rules(schema::check).statusRules(schema::check);
    }

    /** @param today makes of a stored object, which it may change, what it is by this definition */
    public DefinitionBuilder read(UnaryOperator<Unstructured> today) {
        this.read = today;
        return this;
    }

    public DefinitionBuilder conversion(Conversion toStored) {
        this.conversion = toStored;
        return this;
    }

    // ---- how it is found and shown

    /** @param paths of texts: one that is absent reads as empty */
    public DefinitionBuilder selectable(String... paths) {
        for (String path : paths) {
            selectableOr("", path);
        }
        return this;
    }

    /** @param zero how a field reads that is absent: Go's zero of its type, as {@code false} for a flag */
    public DefinitionBuilder selectableOr(String zero, String path) {
        String[] steps = path.split("\\.");
        return selectable(path, o -> {
            Object value = o.get(steps);
            return value == null ? zero : String.valueOf(value);
        });
    }

    public DefinitionBuilder selectable(String name, Function<Unstructured, String> read) {
        selectable.put(name, read);
        return this;
    }

    public DefinitionBuilder columns(Column... shown) {
        return columns(List.of(shown));
    }

    public DefinitionBuilder columns(List<Column> shown) {
        this.columns = List.copyOf(shown);
        return this;
    }

    /** @param warning what whoever uses this version is told */
    public DefinitionBuilder deprecated(String warning) {
        this.deprecation = warning;
        return this;
    }

    public ResourceDefinition build() {
        return new ResourceDefinition(
                kind,
                plural,
                singular,
                List.copyOf(shortNames),
                List.copyOf(categories),
                namespaced,
                Set.copyOf(subresources),
                directory,
                Map.copyOf(selectable),
                columns,
                new Defaults(amounts, defaults, statusDefaults),
                new Rules(names, rule, statusRule, Map.copyOf(partRules)),
                new Strategy(
                        generations,
                        desires,
                        bringsStatus,
                        versionedUpdates,
                        life,
                        created,
                        updated,
                        statusUpdated,
                        List.copyOf(statusResets),
                        grace,
                        deleting,
                        orphans,
                        held),
                scale,
                Optional.ofNullable(schema),
                read,
                Optional.ofNullable(conversion),
                deprecation);
    }
}

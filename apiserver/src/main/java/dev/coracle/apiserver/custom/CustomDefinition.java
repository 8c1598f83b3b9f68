package dev.coracle.apiserver.custom;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.apiserver.definition.Columns;
import dev.coracle.apiserver.definition.Conversion;
import dev.coracle.apiserver.definition.CustomSchema;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.definition.ScalePaths;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.path.JsonPath;
import dev.coracle.machinery.json.path.JsonPathException;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.object.VersionOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a CustomResourceDefinition says, as the value that built-in kinds have too: one definition for each version, of which
 * one is stored.
 *
 * @param stored the version that is written, whether or not it is served
 * @param served those that clients see
 */
record CustomDefinition(ResourceDefinition stored, List<ResourceDefinition> served) {
    private static final Column AGE = new Column(
            "Age",
            "date",
            "",
            "",
            0,
            (o, now) -> Columns.since(o.time("metadata", "creationTimestamp"), now, "<unknown>"));

    /**
     * @param schemas reads a version's {@code openAPIV3Schema}
     * @param ending whether the definition is about to go, so that no object may come any more
     * @param webhook makes one version of another; empty where they differ in their name alone
     */
    static CustomDefinition of(
            Unstructured crd,
            Function<Map<String, Object>, CustomSchema> schemas,
            BooleanSupplier ending,
            Optional<WebhookConversion> webhook) {
        String group = crd.string("spec", "group");
        String plural = crd.string("spec", "names", "plural");
        List<Unstructured> versions = new ArrayList<>(crd.objects("spec", "versions"));
        versions.sort((a, b) -> VersionOrder.NEWEST_FIRST.compare(a.string("name"), b.string("name")));
        GroupVersionResource storage = versions.stream()
                .filter(v -> v.bool("storage"))
                .map(v -> new GroupVersionResource(group, v.string("name"), plural))
                .findFirst()
                .orElseThrow();
        List<ResourceDefinition> served = new ArrayList<>();
        ResourceDefinition stored = null;
        for (Unstructured v : versions) {
            ResourceDefinition d = version(crd, v, storage, schemas, ending, webhook);
            if (v.bool("storage")) {
                stored = d;
            }
            if (v.bool("served")) {
                // What was stored by another version is converted when it is read, by whatever version.
                served.add(webhook.map(w -> d.as(d.kind(), converted(d, storage, w)))
                        .orElse(d));
            }
        }
        return new CustomDefinition(java.util.Objects.requireNonNull(stored), List.copyOf(served));
    }

    private static ResourceDefinition version(
            Unstructured crd,
            Unstructured v,
            GroupVersionResource storage,
            Function<Map<String, Object>, CustomSchema> schemas,
            BooleanSupplier ending,
            Optional<WebhookConversion> webhook) {
        Unstructured names = crd.object("status", "acceptedNames");
        String group = crd.string("spec", "group");
        String name = v.string("name");
        String kind = names.string("kind");
        String plural = names.string("plural");
        CustomSchema schema =
                schemas.apply(v.object("schema", "openAPIV3Schema").map());
        DefinitionBuilder d = crd.string("spec", "scope").equals("Namespaced")
                ? DefinitionBuilder.namespaced(group, name, kind, plural)
                : DefinitionBuilder.clusterScoped(group, name, kind, plural);
        boolean status = v.has("subresources", "status");
        d.singular(names.string("singular"))
                .shortNames(names.stringList("shortNames").toArray(String[]::new))
                .categories(names.stringList("categories").toArray(String[]::new))
                .directory(group + "/" + plural)
                .schema(schema)
                .generations((next, old) -> !desired(next, status).equals(desired(old, status)))
                .created(o -> refuse(ending))
                .statusUpdated((next, old) -> next.set(Json.copyOrNull(old.get("metadata")), "metadata"))
                .read(o -> webhook.isPresent() ? o : today(o, storage, schema))
                .columns(columns(v.objects("additionalPrinterColumns")));
        if (status) {
            d.subresources("status");
        }
        if (v.has("subresources", "scale")) {
            d.subresources("scale").scale(scale(v.object("subresources", "scale")));
        }
        if (v.bool("deprecated")) {
            d.deprecated(deprecation(crd, v));
        }
        for (Unstructured field : v.objects("selectableFields")) {
            d.selectableOr("", field.string("jsonPath").replaceFirst("^\\.", ""));
        }
        GroupVersionResource here = new GroupVersionResource(group, name, plural);
        if (!here.equals(storage) && webhook.isEmpty()) {
            d.conversion(Conversion.byName(here, storage));
        }
        return d.build();
    }

    private static Conversion converted(ResourceDefinition d, GroupVersionResource storage, WebhookConversion webhook) {
        CustomSchema schema = d.schema().orElseThrow();
        return new Conversion(storage, o -> webhook.convert(o, storage.apiVersion()), o -> {
            Unstructured here = webhook.convert(o, d.kind().apiVersion());
            schema.prune(here.map(), unknown -> {});
            schema.complete(here);
            return here;
        });
    }

    private static String deprecation(Unstructured crd, Unstructured version) {
        if (version.has("deprecationWarning")) {
            return version.string("deprecationWarning");
        }
        String group = crd.string("spec", "group");
        String kind = crd.string("spec", "names", "kind");
        // Of the newer ones the newest.
        String better = crd.objects("spec", "versions").stream()
                .filter(v -> v.bool("served") && !v.bool("deprecated"))
                .map(v -> v.string("name"))
                .filter(v -> VersionOrder.NEWEST_FIRST.compare(v, version.string("name")) < 0)
                .min(VersionOrder.NEWEST_FIRST)
                .map(v -> "; use " + group + "/" + v + " " + kind)
                .orElse("");
        return group + "/" + version.string("name") + " " + kind + " is deprecated" + better;
    }

    private static void refuse(BooleanSupplier ending) {
        if (ending.getAsBoolean()) {
            throw new StatusException(
                    405, "MethodNotAllowed", "create not allowed while custom resource definition is terminating");
        }
    }

    /** What was stored before the definition changed: by another version's name, without what has a default now. */
    private static Unstructured today(Unstructured o, GroupVersionResource storage, CustomSchema schema) {
        o.set(storage.apiVersion(), "apiVersion");
        schema.prune(o.map(), unknown -> {});
        schema.complete(o);
        return o;
    }

    private static Map<String, Object> desired(Unstructured o, boolean status) {
        Map<String, Object> rest = new LinkedHashMap<>(o.map());
        rest.remove("metadata");
        rest.remove("apiVersion");
        if (status) {
            rest.remove("status");
        }
        return rest;
    }

    private static ScalePaths scale(Unstructured scale) {
        String selector = scale.string("labelSelectorPath");
        List<String> at = steps(selector);
        return new ScalePaths(
                steps(scale.string("specReplicasPath")),
                steps(scale.string("statusReplicasPath")),
                o -> selector.isEmpty() ? "" : o.string(at.toArray(String[]::new)));
    }

    private static List<String> steps(String path) {
        return List.of(path.replaceFirst("^\\.", "").split("\\."));
    }

    // ---- columns

    private static List<Column> columns(List<Unstructured> told) {
        if (told.isEmpty()) {
            return List.of(Columns.NAME, AGE);
        }
        List<Column> columns = new ArrayList<>(List.of(Columns.NAME));
        for (Unstructured c : told) {
            Optional<JsonPath> path = path(c.string("jsonPath"));
            if (path.isEmpty()) {
                return List.of(Columns.NAME, AGE);
            }
            columns.add(new Column(
                    c.string("name"),
                    c.string("type"),
                    c.string("format"),
                    c.string("description").isEmpty()
                            ? "Custom resource definition column (in JSONPath format): " + c.string("jsonPath")
                            : c.string("description"),
                    (int) c.integer(0, "priority"),
                    (o, now) -> cell(path.get().find(o.map()), c.string("type"), now)));
        }
        return columns;
    }

    private static Optional<JsonPath> path(String text) {
        try {
            return Optional.of(JsonPath.path(text));
        } catch (JsonPathException e) {
            return Optional.empty();
        }
    }

    /** The first value in the column's type; nothing where there is none, or one of another type. */
    private static @Nullable Object cell(List<@Nullable Object> found, String type, Instant now) {
        if (found.isEmpty() || found.getFirst() == null) {
            return null;
        }
        Object value = found.getFirst();
        return switch (type) {
            case "integer" -> value instanceof Number n ? (Object) n.longValue() : null;
            case "number" -> value instanceof Number ? value : null;
            case "boolean" -> value instanceof Boolean ? value : null;
            case "date" -> value instanceof String s ? age(s, now) : null;
            default -> JsonPath.text(value);
        };
    }

    private static String age(String time, Instant now) {
        if (time.isEmpty()) {
            return "<unknown>";
        }
        return Timestamps.parse(time)
                .map(t -> Columns.since(Optional.of(t), now, ""))
                .orElse("<invalid>");
    }
}

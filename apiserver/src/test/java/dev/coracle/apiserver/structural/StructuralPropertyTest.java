package dev.coracle.apiserver.structural;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is thrown at it is answered with findings. */
class StructuralPropertyTest {
    private static final List<String> NAMES = List.of("a", "b", "spec", "metadata", "kind", "a.b", "x-y", "for", "");
    private static final List<String> KEYWORDS = List.of(
            "type",
            "properties",
            "items",
            "additionalProperties",
            "default",
            "enum",
            "required",
            "nullable",
            "format",
            "pattern",
            "minimum",
            "maximum",
            "multipleOf",
            "maxLength",
            "maxItems",
            "minProperties",
            "allOf",
            "anyOf",
            "oneOf",
            "not",
            "x-kubernetes-preserve-unknown-fields",
            "x-kubernetes-embedded-resource",
            "x-kubernetes-int-or-string",
            "x-kubernetes-list-type",
            "x-kubernetes-list-map-keys",
            "x-kubernetes-map-type",
            "x-kubernetes-validations",
            "description");
    private static final List<Object> SCALARS = List.of(
            "object",
            "array",
            "string",
            "integer",
            "number",
            "boolean",
            "set",
            "map",
            "atomic",
            "a",
            "date-time",
            "byte",
            "duration",
            "^a+$",
            "(",
            "",
            true,
            false,
            0L,
            -1L,
            7L,
            0.5,
            1e300);

    /** Mostly what may stand there, sometimes anything. */
    private static @Nullable Object schema(Random random, int depth) {
        if (depth == 0 || random.nextInt(12) == 0) {
            return tree(random, 1);
        }
        Map<String, @Nullable Object> schema = new LinkedHashMap<>();
        if (random.nextInt(8) > 0) {
            schema.put("type", SCALARS.get(random.nextInt(6)));
        }
        for (int i = random.nextInt(6); i > 0; i--) {
            String keyword = KEYWORDS.get(random.nextInt(KEYWORDS.size()));
            schema.put(
                    keyword,
                    switch (keyword) {
                        case "properties" -> {
                            Map<String, @Nullable Object> properties = new LinkedHashMap<>();
                            for (int p = random.nextInt(5); p > 0; p--) {
                                properties.put(NAMES.get(random.nextInt(NAMES.size())), schema(random, depth - 1));
                            }
                            yield properties;
                        }
                        case "items", "additionalProperties", "not" -> schema(random, depth - 1);
                        case "allOf", "anyOf", "oneOf" -> {
                            List<@Nullable Object> all = new ArrayList<>();
                            for (int p = random.nextInt(3); p > 0; p--) {
                                all.add(schema(random, depth - 1));
                            }
                            yield all;
                        }
                        case "x-kubernetes-validations" ->
                            List.of(Map.of(
                                    "rule", random.nextBoolean() ? "self == self" : "self.a > 1 || has(oldSelf.b)"));
                        case "required", "x-kubernetes-list-map-keys" -> List.of("a", "b");
                        default -> tree(random, 1);
                    });
        }
        return schema;
    }

    private static @Nullable Object tree(Random random, int depth) {
        int kind = random.nextInt(depth == 0 ? 6 : 10);
        if (kind < 5) {
            return SCALARS.get(random.nextInt(SCALARS.size()));
        }
        if (kind == 5) {
            return null;
        }
        if (kind < 8) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            for (int i = random.nextInt(5); i > 0; i--) {
                map.put(NAMES.get(random.nextInt(NAMES.size())), tree(random, depth - 1));
            }
            return map;
        }
        List<@Nullable Object> list = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            list.add(tree(random, depth - 1));
        }
        return list;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Random random) {
        Object tree = tree(random, 4);
        Map<String, Object> object = tree instanceof Map<?, ?> m ? (Map<String, Object>) m : new LinkedHashMap<>();
        object.put("spec", Json.copyOrNull(tree(random, 4)));
        return object;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    @SuppressWarnings("unchecked")
    void anythingIsAnsweredWithFindingsAndNothingIsDoneTwice(int seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            Object told = schema(random, 4);
            Map<String, Object> schema = told instanceof Map<?, ?> m
                    ? (Map<String, Object>) m
                    : new LinkedHashMap<>(Map.of("type", "object"));
            String before = Json.string(schema);
            Findings refused = new Findings();
            SchemaRules.check(refused, schema, "openAPIV3Schema");
            SchemaRules.checkWithStatus(new Findings(), schema, "openAPIV3Schema");
            StructuralSchema structural = StructuralSchema.parse(schema);
            Unstructured old = null;
            for (int n = 0; n < 5; n++) {
                Unstructured o = new Unstructured(object(random));
                structural.prune(o.map(), unknown -> {});
                assertThat(Fixture.pruned(structural, o)).isEmpty();
                structural.complete(o);
                Unstructured again = o.copy();
                structural.complete(again);
                assertThat(again).isEqualTo(o);
                if (refused.causes().isEmpty()) {
                    assertThat(Fixture.pruned(structural, o)).isEmpty();
                }
                String whole = Json.string(o.map());
                structural.check(new Findings(), o, null);
                structural.check(new Findings(), o, old);
                assertThat(Json.string(o.map())).isEqualTo(whole);
                structural.structure().listKeys("spec.a.b");
                structural.structure().atomicMap("spec.a.b.x");
                old = o;
            }
            assertThat(Json.string(structural.openApi())).isEqualTo(before);
            assertThat(Json.string(schema)).isEqualTo(before);
        }
    }

    @Test
    @SuppressWarnings("unchecked")
    void anObjectThatReplacesItselfIsLetOff() {
        Random random = new Random(11);
        for (int i = 0; i < 500; i++) {
            Object told = schema(random, 3);
            if (!(told instanceof Map<?, ?> schema)) {
                continue;
            }
            Findings refused = new Findings();
            SchemaRules.check(refused, (Map<String, Object>) schema, "openAPIV3Schema");
            if (!refused.causes().isEmpty()) {
                continue;
            }
            StructuralSchema structural = StructuralSchema.parse((Map<String, Object>) schema);
            Unstructured o = new Unstructured(object(random));
            o.remove("metadata");
            structural.prune(o.map(), unknown -> {});
            structural.complete(o);
            Map<String, Object> copy = Json.copy(o.map());
            assertThat(ValueCheck.check(Node.of(schema), o.map(), copy)).isEmpty();
        }
    }
}

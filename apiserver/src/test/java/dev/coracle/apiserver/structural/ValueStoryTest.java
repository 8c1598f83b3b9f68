package dev.coracle.apiserver.structural;

import static dev.coracle.apiserver.structural.Fixture.found;
import static dev.coracle.apiserver.structural.Fixture.object;
import static dev.coracle.apiserver.structural.Fixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.object.StatusException.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValueStoryTest {
    @Test
    void aValueOfAnotherTypeIsRefusedInUpstreamsWords() {
        assertThat(found("replicas: {type: integer}", "replicas: many"))
                .containsExactly(
                        "spec.replicas: Invalid value: \"string\": spec.replicas in body must be of type integer: \"string\"");
        assertThat(found("s: {type: string}", "s: 1"))
                .containsExactly(
                        "spec.s: Invalid value: \"integer\": spec.s in body must be of type string: \"integer\"");
        assertThat(found("s: {type: string}", "s: null"))
                .containsExactly("spec.s: Invalid value: \"null\": spec.s in body must be of type string: \"null\"");
        assertThat(found("o: {type: object}", "o: []"))
                .containsExactly("spec.o: Invalid value: \"array\": spec.o in body must be of type object: \"array\"");
        assertThat(found("m: {type: number}", "m: 1")).isEmpty();
        assertThat(found("m: {type: integer}", "m: 1.0")).isEmpty();
        assertThat(found("m: {type: integer}", "m: 1.5")).hasSize(1);
        assertThat(found("m: {type: string, nullable: true}", "m: null")).isEmpty();
        assertThat(found("t: {type: string, format: date-time}", "t: 1"))
                .containsExactly(
                        "spec.t: Invalid value: \"int64\": spec.t in body must be of type date-time: \"int64\"");
        Findings findings = new Findings();
        spec("s: {type: string}").check(findings, object("s: 1"), null);
        assertThat(findings.causes()).extracting(Cause::reason).containsExactly("FieldValueTypeInvalid");
    }

    @Test
    void numbersHaveBounds() {
        assertThat(found("m: {type: integer, minimum: 1}", "m: 0"))
                .containsExactly("spec.m: Invalid value: 0: spec.m in body should be greater than or equal to 1");
        assertThat(found("m: {type: integer, maximum: 9, exclusiveMaximum: true}", "m: 9"))
                .containsExactly("spec.m: Invalid value: 9: spec.m in body should be less than 9");
        assertThat(found("m: {type: number, maximum: 0.5}", "m: 0.75"))
                .containsExactly("spec.m: Invalid value: 0.75: spec.m in body should be less than or equal to 0.5");
        assertThat(found("m: {type: integer, multipleOf: 3}", "m: 10"))
                .containsExactly("spec.m: Invalid value: 10: spec.m in body should be a multiple of 3");
    }

    @Test
    void textsHaveALengthAndAPattern() {
        assertThat(found("s: {type: string, minLength: 1}", "s: ''"))
                .containsExactly("spec.s: Invalid value: \"\": spec.s in body should be at least 1 chars long");
        assertThat(found("s: {type: string, maxLength: 2}", "s: abc"))
                .containsExactly("spec.s: Too long: may not be more than 2 bytes");
        assertThat(found("s: {type: string, maxLength: 1}", "s: '😀'")).isEmpty();
        assertThat(found("s: {type: string, pattern: '^a'}", "s: ba"))
                .containsExactly("spec.s: Invalid value: \"ba\": spec.s in body should match '^a'");
        assertThat(found("s: {type: string, pattern: b}", "s: abc")).isEmpty();
    }

    /** A backtracking matcher would not come back from this one. */
    @Test
    void aPatternCannotStallTheServer() {
        assertThat(found("s: {type: string, pattern: '^(a+)+$'}", "s: " + "a".repeat(5000) + "!"))
                .hasSize(1);
    }

    @Test
    void listsAndObjectsHaveASize() {
        assertThat(found("l: {type: array, maxItems: 1, items: {type: string}}", "l: [a, b]"))
                .containsExactly("spec.l: Too many: 2: must have at most 1 item");
        assertThat(found("l: {type: array, minItems: 1, items: {type: string}}", "l: []"))
                .containsExactly("spec.l: Invalid value: 0: spec.l in body should have at least 1 items");
        assertThat(found(
                        "m: {type: object, maxProperties: 1, additionalProperties: {type: string}}", "m: {a: b, c: d}"))
                .containsExactly("spec.m: Too many: 2: must have at most 1 item");
        assertThat(found("m: {type: object, minProperties: 1, additionalProperties: {type: string}}", "m: {}"))
                .containsExactly("spec.m: Invalid value: 0: spec.m in body should have at least 1 properties");
        assertThat(found("m: {type: object, additionalProperties: {type: string}}", "m: {a: 1}"))
                .containsExactly(
                        "spec.m.a: Invalid value: \"integer\": spec.m.a in body must be of type string: \"integer\"");
        assertThat(found(
                        "l: {type: array, items: {type: object, required: [a], properties: {a: {type: string}}}}",
                        "l: [{}]"))
                .containsExactly("spec.l[0].a: Required value");
    }

    @Test
    void aValueMustBeOneOfThoseEnumerated() {
        assertThat(found("e: {type: string, enum: [a, b]}", "e: x"))
                .containsExactly("spec.e: Unsupported value: \"x\": supported values: \"a\", \"b\"");
        assertThat(found("e: {type: integer, enum: [1, 2]}", "e: 3"))
                .containsExactly("spec.e: Unsupported value: 3: supported values: \"1\", \"2\"");
        assertThat(found("e: {type: number, enum: [1]}", "e: 1.0")).isEmpty();
    }

    @Test
    void anIntOrStringIsEither() {
        String schema = "p: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}";
        assertThat(found(schema, "p: 80")).isEmpty();
        assertThat(found(schema, "p: http")).isEmpty();
        assertThat(found(schema, "p: true"))
                .contains(
                        "spec.p: Invalid value: \"boolean\": spec.p in body must be of type integer,string: \"boolean\"");
    }

    @Test
    void combinationsAreToldWithWhatFitsBest() {
        String oneOf = """
                o:
                  type: object
                  properties: {a: {type: string}, b: {type: string}}
                  oneOf: [{required: [a]}, {required: [b]}]
                """;
        assertThat(found(oneOf, "o: {a: x}")).isEmpty();
        assertThat(found(oneOf, "o: {a: x, b: 'y'}"))
                .containsExactly("<nil>: Invalid value: \"\": \"spec.o\" must validate one and only one schema (oneOf)."
                        + " Found 2 valid alternatives");
        assertThat(found(oneOf, "o: {}"))
                .containsExactly(
                        "<nil>: Invalid value: \"\": \"spec.o\" must validate one and only one schema (oneOf). Found none"
                                + " valid",
                        "spec.o.a: Required value");
        String anyOf = "s: {type: string, anyOf: [{minLength: 3}, {pattern: '^x'}]}";
        assertThat(found(anyOf, "s: x")).isEmpty();
        assertThat(found(anyOf, "s: 'y'"))
                .containsExactly(
                        "<nil>: Invalid value: \"\": \"spec.s\" must validate at least one schema (anyOf)",
                        "spec.s: Invalid value: \"y\": spec.s in body should be at least 3 chars long");
        assertThat(found("s: {type: string, allOf: [{minLength: 3}]}", "s: x"))
                .containsExactly(
                        "spec.s: Invalid value: \"x\": spec.s in body should be at least 3 chars long",
                        "<nil>: Invalid value: \"\": \"spec.s\" must validate all the schemas (allOf). None validated");
        assertThat(found("s: {type: string, not: {pattern: '^x'}}", "s: x"))
                .containsExactly("<nil>: Invalid value: \"\": \"spec.s\" must not validate the schema (not)");
    }

    @ParameterizedTest
    @CsvSource({
        "date-time, 2026-01-02T03:04:05Z, 2026-13-02T03:04:05Z",
        "date, 2026-01-02, 2026-1-2",
        "ipv4, 10.0.0.1, 10.0.0.01",
        "ipv6, fe80::1, 10.0.0.1",
        "cidr, 10.0.0.0/8, 10.0.0.0/33",
        "byte, YWJj, '!!!'",
        "uuid, 123e4567-e89b-12d3-a456-426614174000, 123e4567",
        "email, a@example.com, nobody",
        "hostname, a.example.com, -a",
        "uri, https://example.com/a?b=c, 'no uri'",
        "mac, 00:11:22:33:44:55, 00:11",
        "duration, 1h30m, soon",
        "hexcolor, '#aabbcc', red",
        "isbn, 978-0321751041, 978-0321751042",
        "creditcard, 4111 1111 1111 1111, 4111 1111 1111 1112",
        "k8s-short-name, my-name, My_Name",
        "rgbcolor, 'rgb(1,2,3)', 'rgb(1,2,300)'"
    })
    void aFormatIsHeld(String format, String right, String wrong) {
        String schema = "s: {type: string, format: " + format + "}";
        assertThat(found(schema, "s: '" + right + "'")).isEmpty();
        assertThat(found(schema, "s: '" + wrong + "'"))
                .containsExactly("spec.s: Invalid value: \"" + wrong + "\": spec.s in body must be of type " + format
                        + ": \"" + wrong + "\"");
    }

    @Test
    void anUnheardOfFormatIsNotLookedAt() {
        assertThat(found("s: {type: string, format: shoe-size}", "s: x")).isEmpty();
    }

    @Test
    void elementsOfSetsAndKeysOfMapsOccurOnce() {
        assertThat(found("l: {type: array, x-kubernetes-list-type: set, items: {type: string}}", "l: [a, b, a, a]"))
                .containsExactly("spec.l[2]: Duplicate value: \"a\"");
        String map = """
                l:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [%s]
                  items: {type: object, properties: {name: {type: string}, port: {type: integer}}}
                """;
        assertThat(found(map.formatted("name"), "l: [{name: a, port: 1}, {name: a, port: 2}]"))
                .containsExactly("spec.l[1]: Duplicate value: {\"name\":\"a\"}");
        assertThat(found(map.formatted("name, port"), "l: [{name: a, port: 1}, {name: a, port: 2}]"))
                .isEmpty();
    }

    @Test
    void anEmbeddedObjectIsHeldAgainstTheRulesOfMetadata() {
        String schema =
                "t: {type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}";
        assertThat(found(schema, "t: {apiVersion: v1, kind: Pod, metadata: {name: x}}"))
                .isEmpty();
        assertThat(found(schema, "t: {apiVersion: a/b/c}"))
                .containsExactlyInAnyOrder(
                        "spec.t.apiVersion: Invalid value: \"a/b/c\": unexpected GroupVersion string: a/b/c",
                        "spec.t.kind: Required value");
        assertThat(found(schema, "t: {apiVersion: v1, kind: Pod, metadata: {labels: {a: 1}}}"))
                .singleElement()
                .asString()
                .startsWith("spec.t.metadata: Invalid value: {\"labels\":{\"a\":1}}: json: cannot unmarshal number");
        assertThat(found(schema, "t: {apiVersion: v1, kind: Pod, metadata: {labels: {'a b': c}}}"))
                .singleElement()
                .asString()
                .startsWith("spec.t.metadata.labels: Invalid value: \"a b\"");
    }

    @Test
    void whatWasWrongBeforeMayStayAsItIs() {
        StructuralSchema schema = spec("""
                a: {type: string, maxLength: 1}
                b: {type: string}
                list:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [name]
                  items: {type: object, properties: {name: {type: string}, v: {type: integer, maximum: 1}}}
                atomic: {type: array, x-kubernetes-list-type: atomic, items: {type: integer, maximum: 1}}
                plain: {type: array, items: {type: integer, maximum: 1}}
                """);
        var old = object("{a: long, b: x, list: [{name: 'n', v: 5}], atomic: [5], plain: [5, 6]}");
        assertThat(found(schema, object("{a: long, b: 'y', list: [{name: 'n', v: 5}], atomic: [5], plain: [5]}"), old))
                .isEmpty();
        assertThat(found(schema, object("plain: [5, 1, 7]"), old))
                .containsExactly(
                        "spec.plain[2]: Invalid value: 7: spec.plain[2] in body should be less than or equal to 1");
        assertThat(found(schema, object("plain: [6]"), old)).hasSize(1);
        assertThat(found(
                        schema, object("{a: longer, list: [{name: m, v: 1}, {name: 'n', v: 5}], atomic: [5, 1]}"), old))
                .containsExactlyInAnyOrder(
                        "spec.a: Too long: may not be more than 1 byte",
                        "spec.atomic[0]: Invalid value: 5: spec.atomic[0] in body should be less than or equal to 1");
    }

    @Test
    void elementsWithKeysMayStandInAnotherOrderButWhatTheSchemaDoesNotKnowCannotBeCompared() {
        StructuralSchema schema = spec("""
                in:
                  type: object
                  required: [later]
                  x-kubernetes-preserve-unknown-fields: true
                  properties:
                    later: {type: string}
                    list:
                      type: array
                      x-kubernetes-list-type: map
                      x-kubernetes-list-map-keys: [name]
                      items: {type: object, properties: {name: {type: string}}}
                other: {type: string}
                """);
        var old = object("in: {list: [{name: a}, {name: b}]}");
        assertThat(found(schema, object("{in: {list: [{name: b}, {name: a}]}, other: x}"), old))
                .isEmpty();
        assertThat(found(schema, object("in: {list: [{name: b}, {name: c}]}"), old))
                .containsExactly("spec.in.later: Required value");
        var unknown = object("in: {list: [], x: 'y'}");
        assertThat(found(schema, object("{in: {list: [], x: 'y'}, other: x}"), unknown))
                .containsExactly("spec.in.later: Required value");
    }

    @Test
    void duplicatesThatWereThereMayStay() {
        StructuralSchema schema = spec("l: {type: array, x-kubernetes-list-type: set, items: {type: string}}");
        assertThat(found(schema, object("l: [a, a, b]"), object("l: [a, a]"))).isEmpty();
        assertThat(found(schema, object("l: [a, a]"), object("l: [a]"))).hasSize(1);
    }

    /** Texts of one hash make a table of them a list, unless they can be compared. */
    @Test
    void keysOfOneHashDoNotSlowItDown() {
        StructuralSchema schema = spec("""
                l:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [a, b]
                  items: {type: object, properties: {a: {type: string}, b: {type: string}}}
                """);
        List<Object> elements = new ArrayList<>();
        for (int i = 0; i < 1 << 15; i++) {
            StringBuilder key = new StringBuilder();
            for (int bit = 0; bit < 15; bit++) {
                key.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            elements.add(Map.of("a", key.toString(), "b", ""));
        }
        assertThat(elements.get(7).hashCode()).isEqualTo(elements.get(8).hashCode());
        var o = object("{}").set(elements, "spec", "l");
        assertThat(found(schema, o, null)).isEmpty();
        assertThat(found(schema, o, o.copy())).isEmpty();
    }
}

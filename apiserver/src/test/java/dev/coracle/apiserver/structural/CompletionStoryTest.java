package dev.coracle.apiserver.structural;

import static dev.coracle.apiserver.structural.Fixture.object;
import static dev.coracle.apiserver.structural.Fixture.spec;
import static dev.coracle.apiserver.structural.Fixture.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Unstructured;
import org.junit.jupiter.api.Test;

class CompletionStoryTest {
    private static Object completed(StructuralSchema schema, String spec) {
        Unstructured o = object(spec);
        schema.complete(o);
        Unstructured twice = o.copy();
        schema.complete(twice);
        assertThat(twice).isEqualTo(o);
        return o.get("spec");
    }

    @Test
    void whatIsAbsentIsFilledInAtEveryDepth() {
        StructuralSchema schema = spec("""
                replicas: {type: integer, default: 1}
                port: {type: object, default: {}, properties: {number: {type: integer, default: 80}}}
                absent: {type: object, properties: {number: {type: integer, default: 80}}}
                list: {type: array, items: {type: object, properties: {a: {type: string, default: x}}}}
                map: {type: object, additionalProperties: {type: object, properties: {a: {type: string, default: x}}}}
                """);
        assertThat(completed(schema, "{list: [{}, {a: 'y'}], map: {k: {}}}"))
                .isEqualTo(yaml("{list: [{a: x}, {a: 'y'}], map: {k: {a: x}}, replicas: 1, port: {number: 80}}"));
    }

    @Test
    void aNullGivesWayWhereNoneMayBe() {
        StructuralSchema schema = spec("""
                defaulted: {type: string, default: x}
                plain: {type: string}
                nullable: {type: string, nullable: true, default: x}
                list: {type: array, items: {type: string, default: e}}
                bare: {type: array, items: {type: string}}
                map: {type: object, additionalProperties: {type: string, default: m}}
                """);
        assertThat(completed(
                        schema,
                        "{defaulted: null, plain: null, nullable: null, list: [null], bare: [null], map: {k: null}}"))
                .isEqualTo(yaml("{defaulted: x, nullable: null, list: [e], bare: [null], map: {k: m}}"));
    }

    @Test
    void defaultsAreNotShared() {
        StructuralSchema schema = spec("list: {type: array, default: [], items: {type: string}}");
        Unstructured one = object("{}");
        schema.complete(one);
        one.set("x", "spec", "list", "broken");
        Unstructured other = object("{}");
        schema.complete(other);
        assertThat(other.get("spec")).isEqualTo(yaml("{list: []}"));
    }

    @Test
    void aSchemaIsReadForTheFirstObjectAndNotBefore() {
        StructuralSchema schema = spec("replicas: {type: integer, default: 1}");
        schema.openApi();

        assertThat(schema.isRead()).isFalse();
        assertThat(completed(schema, "{}")).isEqualTo(yaml("{replicas: 1}"));
        assertThat(schema.isRead()).isTrue();
    }
}

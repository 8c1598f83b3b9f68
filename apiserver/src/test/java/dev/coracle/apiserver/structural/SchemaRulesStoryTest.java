package dev.coracle.apiserver.structural;

import static dev.coracle.apiserver.structural.Fixture.lines;
import static dev.coracle.apiserver.structural.Fixture.specMap;
import static dev.coracle.apiserver.structural.Fixture.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.definition.Findings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SchemaRulesStoryTest {
    private static final String SPEC = "openAPIV3Schema.properties[spec].properties";

    private static List<String> found(Map<String, Object> schema) {
        Findings findings = new Findings();
        SchemaRules.check(findings, schema, "openAPIV3Schema");
        return lines(findings);
    }

    private static List<String> found(String properties) {
        return found(specMap(properties));
    }

    @Test
    void aSchemaAsOperatorsWriteThemIsTaken() {
        assertThat(found(yaml("""
                type: object
                description: A tab.
                required: [spec]
                properties:
                  apiVersion: {type: string}
                  kind: {type: string}
                  metadata: {type: object, properties: {name: {type: string, maxLength: 20}}}
                  spec:
                    type: object
                    oneOf: [{required: [a]}, {required: [port]}]
                    properties:
                      a: {type: string, pattern: '^a+$', default: aa}
                      port: {anyOf: [{type: integer}, {type: string}], x-kubernetes-int-or-string: true}
                      labels: {type: object, additionalProperties: {type: string}}
                      raw: {type: object, x-kubernetes-preserve-unknown-fields: true}
                      ports:
                        type: array
                        x-kubernetes-list-type: map
                        x-kubernetes-list-map-keys: [port, protocol]
                        items:
                          type: object
                          required: [port]
                          properties: {port: {type: integer}, protocol: {type: string, default: TCP}}
                  status: {type: object}
                """))).isEmpty();
    }

    @Test
    void everyFieldHasAType() {
        assertThat(found("{a: {description: x}, l: {type: array}, m: {type: array, items: {}}, t: {type: int}}"))
                .containsExactlyInAnyOrder(
                        SPEC + "[a].type: Required value: must not be empty for specified object fields",
                        SPEC + "[l].items: Required value: must be specified",
                        SPEC + "[m].items.type: Required value: must not be empty for specified array items",
                        SPEC + "[t].type: Unsupported value: \"int\": supported values: \"array\", \"boolean\","
                                + " \"integer\", \"null\", \"number\", \"object\", \"string\"");
        assertThat(found(yaml("{properties: {}}")))
                .containsExactly("openAPIV3Schema.type: Required value: must not be empty at the root");
        assertThat(found(yaml("{type: string}")))
                .containsExactly("openAPIV3Schema.type: Invalid value: \"string\": must be object at the root");
    }

    @Test
    void combinationsOnlyNarrow() {
        assertThat(found("a: {type: string, anyOf: [{type: string}, {description: x, default: 'y'}]}"))
                .containsExactly(
                        SPEC + "[a].anyOf[0].type: Forbidden: must be empty to be structural",
                        SPEC + "[a].anyOf[1].default: Forbidden: must be undefined to be structural",
                        SPEC + "[a].anyOf[1].description: Forbidden: must be empty to be structural");
        assertThat(found(yaml("{type: object, properties: {a: {type: string}}, allOf: [{properties: {b: {}}}]}")))
                .containsExactly("openAPIV3Schema.properties[b]: Required value: because it is defined in"
                        + " openAPIV3Schema.allOf[0].properties[b]");
    }

    @Test
    void aStructIsNoMap() {
        assertThat(found("a: {type: object, properties: {b: {type: string}}, additionalProperties: {type: string}}"))
                .containsExactly(
                        SPEC + "[a].additionalProperties: Forbidden: additionalProperties and properties are mutual"
                                + " exclusive");
        assertThat(found(yaml("{type: object, additionalProperties: {type: string}}")))
                .containsExactly("openAPIV3Schema.additionalProperties: Forbidden: must not be used at the root");
    }

    @Test
    void metadataIsImplied() {
        assertThat(
                        found(
                                yaml(
                                        "{type: object, properties: {metadata: {type: object, properties: {labels: {type: object}}}}}")))
                .containsExactly("openAPIV3Schema.properties[metadata]: Forbidden: must not specify anything other than"
                        + " name and generateName, but metadata is implicitly specified");
        assertThat(found(yaml("{type: object, properties: {kind: {type: integer}}}")))
                .containsExactly("openAPIV3Schema.properties[kind].type: Invalid value: \"integer\": must be string");
    }

    @Test
    void whatHasNoPlaceIsForbidden() {
        assertThat(found("""
                a: {type: string, id: x}
                b: {type: object, patternProperties: {x: {type: string}}}
                c: {$ref: '#/x'}
                d: {type: array, uniqueItems: true, items: {type: string}}
                e: {type: array, items: [{type: string}]}
                f: {type: object, x-kubernetes-preserve-unknown-fields: false}
                """))
                .containsExactlyInAnyOrder(
                        SPEC + "[a].id: Forbidden: id is not supported",
                        SPEC + "[b].patternProperties: Forbidden: patternProperties is not supported",
                        SPEC + "[c].$ref: Forbidden: $ref is not supported",
                        SPEC + "[d].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime"
                                + " complexity becomes quadratic",
                        SPEC + "[e].items: Forbidden: items must be a schema object and not an array",
                        SPEC + "[f].x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or"
                                + " undefined");
    }

    @Test
    void aPatternIsARegularExpression() {
        assertThat(found("a: {type: string, pattern: '('}"))
                .containsExactly(SPEC + "[a].pattern: Invalid value: \"(\": must be a valid regular expression, but"
                        + " isn't: error parsing regexp: missing closing ): `(`");
        assertThat(found("a: {type: string, pattern: '(?=x)'}"))
                .containsExactly(SPEC + "[a].pattern: Invalid value: \"(?=x)\": must be a valid regular expression,"
                        + " but isn't: error parsing regexp: invalid or unsupported Perl syntax: `(?=`");
    }

    @Test
    void keysOfListsAreScalarsThatAreThere() {
        String list = "l: {type: array, x-kubernetes-list-type: map, %s}";
        assertThat(found(list.formatted("items: {type: object, properties: {a: {type: string}}}")))
                .containsExactly(SPEC + "[l].x-kubernetes-list-map-keys: Required value: must not be empty if"
                        + " x-kubernetes-list-type is map");
        assertThat(found(list.formatted("x-kubernetes-list-map-keys: [a, b, c], items: {type: object, required: [c],"
                        + " properties: {a: {type: string}, c: {type: object}}}")))
                .containsExactlyInAnyOrder(
                        SPEC + "[l].x-kubernetes-list-map-keys: Invalid value: [\"a\",\"b\",\"c\"]: entries must all be"
                                + " names of item properties",
                        SPEC
                                + "[l].items.properties[c].type: Invalid value: \"object\": must be a scalar type if parent"
                                + " array's x-kubernetes-list-type is map",
                        SPEC + "[l].items.properties[a].default: Required value: this property is in"
                                + " x-kubernetes-list-map-keys, so it must have a default or be a required property");
        assertThat(found("s: {type: array, x-kubernetes-list-type: bag, items: {type: string}}"))
                .containsExactly(SPEC + "[s].x-kubernetes-list-type: Unsupported value: \"bag\": supported values:"
                        + " \"atomic\", \"set\", \"map\"");
        assertThat(found("s: {type: object, x-kubernetes-list-type: set}"))
                .containsExactly(SPEC + "[s].type: Invalid value: \"object\": must be array if x-kubernetes-list-type"
                        + " is specified");
    }

    @Test
    void aDefaultIsValid() {
        assertThat(found("a: {type: integer, default: x}"))
                .containsExactly(SPEC + "[a].default: Invalid value: \"string\":  in body must be of type integer:"
                        + " \"string\"");
        assertThat(found("a: {type: object, default: {b: 1, c: 2}, properties: {b: {type: string}}}"))
                .containsExactly(
                        SPEC + "[a].default: Invalid value: {\"b\":1,\"c\":2}: must not have unknown fields",
                        SPEC + "[a].default.b: Invalid value: \"integer\": b in body must be of type string:"
                                + " \"integer\"");
        assertThat(found(yaml("{type: object, properties: {kind: {type: string, default: X}}}")))
                .containsExactly(
                        "openAPIV3Schema.properties[kind].default: Forbidden: must not be set in top-level kind");
    }

    @Test
    void aRuleIsWellFormed() {
        assertThat(found("""
                a: {type: string, x-kubernetes-validations: [{message: x}]}
                b: {type: string, x-kubernetes-validations: [{rule: 'true', reason: Bad, fieldPath: .c}]}
                """))
                .containsExactlyInAnyOrder(
                        SPEC + "[a].x-kubernetes-validations[0].rule: Required value: rule is not specified",
                        SPEC + "[b].x-kubernetes-validations[0].reason: Unsupported value: \"Bad\": supported values:"
                                + " \"FieldValueDuplicate\", \"FieldValueForbidden\", \"FieldValueInvalid\","
                                + " \"FieldValueRequired\"",
                        SPEC + "[b].x-kubernetes-validations[0].fieldPath: Invalid value: \".c\": fieldPath must be a"
                                + " valid path");
    }

    @Test
    void withAStatusTheRootSaysLittle() {
        Findings findings = new Findings();
        SchemaRules.checkWithStatus(findings, yaml("{type: object, oneOf: [{required: [a]}]}"), "openAPIV3Schema");
        assertThat(lines(findings)).singleElement().asString().contains("fields are allowed at the root");
    }

    @Test
    void aSchemaThatIsWrongEverywhereIsNotToldWhole() {
        StringBuilder properties = new StringBuilder();
        for (int i = 0; i < 5000; i++) {
            properties.append("p").append(i).append(": {type: wrong}\n");
        }
        assertThat(found(properties.toString())).hasSizeBetween(1000, 2000);
    }
}

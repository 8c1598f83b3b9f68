package dev.coracle.apiserver.structural;

import static dev.coracle.apiserver.structural.Fixture.found;
import static dev.coracle.apiserver.structural.Fixture.lines;
import static dev.coracle.apiserver.structural.Fixture.object;
import static dev.coracle.apiserver.structural.Fixture.spec;
import static dev.coracle.apiserver.structural.Fixture.specMap;
import static dev.coracle.apiserver.structural.Fixture.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuleStoryTest {
    private static final String BOUNDS = """
            range:
              type: object
              properties: {min: {type: integer}, max: {type: integer}}
              x-kubernetes-validations: [{rule: 'self.min <= self.max'%s}]
            """;

    /** A spec with a string {@code s}, of which the rule is said. */
    private static List<String> holds(String rule, String s) {
        Map<String, Object> schema = specMap("s: {type: string}");
        new Unstructured(schema)
                .set(
                        List.of(Map.of("rule", rule)),
                        "properties",
                        "spec",
                        "properties",
                        "s",
                        "x-kubernetes-validations");
        return found(StructuralSchema.parse(schema), object("s: " + Json.string(s)), null);
    }

    @Test
    void aRuleThatDoesNotHoldIsTold() {
        assertThat(found(BOUNDS.formatted(""), "range: {min: 1, max: 2}")).isEmpty();
        assertThat(found(BOUNDS.formatted(""), "range: {min: 3, max: 2}"))
                .containsExactly("spec.range: Invalid value: failed rule: self.min <= self.max");
        assertThat(found(BOUNDS.formatted(", message: too small"), "range: {min: 3, max: 2}"))
                .containsExactly("spec.range: Invalid value: too small");
        assertThat(holds("self.size() < 2", "abc"))
                .containsExactly("spec.s: Invalid value: \"abc\": failed rule: self.size() < 2");
    }

    @Test
    void aRuleMaySayWhereAndWhy() {
        String where = ", reason: FieldValueForbidden, fieldPath: .max, message: x,"
                + " messageExpression: '\"max %d\".format([self.max])'";
        assertThat(found(BOUNDS.formatted(where), "range: {min: 3, max: 2}"))
                .containsExactly("spec.range.max: Forbidden: max 2");
        String broken = ", message: x, messageExpression: 'string(self.max / 0)'";
        assertThat(found(BOUNDS.formatted(broken), "range: {min: 3, max: 2}"))
                .containsExactly("spec.range: Invalid value: x");
    }

    @Test
    void whatCannotBeEvaluatedIsTold() {
        assertThat(found(BOUNDS.formatted(""), "range: {min: 3}"))
                .containsExactly("spec.range: Invalid value: \"object\": no such key: max evaluating rule: self.min <="
                        + " self.max");
        assertThat(holds("1 / (self.size() - 1) > 0", "a"))
                .containsExactly("spec.s: Invalid value: \"string\": division by zero evaluating rule: 1 / (self.size()"
                        + " - 1) > 0");
    }

    @Test
    void rulesAreNotAskedOfWhatIsNotValidOtherwise() {
        assertThat(found(BOUNDS.formatted(""), "range: {min: x, max: 1}"))
                .last()
                .asString()
                .isEqualTo(
                        "<nil>: Invalid value: \"null\": some validation rules were not checked because the object was"
                                + " invalid; correct the existing errors to complete validation");
    }

    @Test
    void aTransitionIsOnlyJudgedWhereOneIs() {
        StructuralSchema schema = spec("""
                fixed: {type: string, x-kubernetes-validations: [{rule: self == oldSelf, message: it is fixed}]}
                first:
                  type: string
                  x-kubernetes-validations:
                  - {rule: 'oldSelf.hasValue() || self == "a"', optionalOldSelf: true}
                list:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [name]
                  items:
                    type: object
                    properties: {name: {type: string}, 'n': {type: integer}}
                    x-kubernetes-validations: [{rule: self.n >= oldSelf.n}]
                """);
        assertThat(found(schema, object("{fixed: a, first: a}"), null)).isEmpty();
        assertThat(found(schema, object("{first: b}"), null)).hasSize(1);
        assertThat(found(schema, object("{fixed: b, first: b}"), object("{fixed: a, first: a}")))
                .containsExactly("spec.fixed: Invalid value: \"b\": it is fixed");
        var old = object("list: [{name: a, 'n': 1}, {name: b, 'n': 5}]");
        assertThat(found(schema, object("list: [{name: c, 'n': 0}, {name: b, 'n': 4}, {name: a, 'n': 1}]"), old))
                .containsExactly("spec.list[1]: Invalid value: failed rule: self.n >= oldSelf.n");
    }

    @Test
    void whatDidNotHoldBeforeMayStayAsItIs() {
        StructuralSchema schema = spec(BOUNDS.formatted("") + "other: {type: string}");
        var old = object("{range: {min: 3, max: 2}}");
        assertThat(found(schema, object("{range: {min: 3, max: 2}, other: x}"), old))
                .isEmpty();
        assertThat(found(schema, object("{range: {min: 4, max: 2}}"), old)).hasSize(1);
    }

    @Test
    void elementsOfAListKeepTheirPlacesAndElementsWithKeysTheirKeys() {
        StructuralSchema schema = spec("""
                plain:
                  type: array
                  items: {type: string, x-kubernetes-validations: [{rule: self != "bad"}]}
                atomic:
                  type: array
                  x-kubernetes-list-type: atomic
                  items: {type: string, x-kubernetes-validations: [{rule: self != "bad"}]}
                keyed:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [name]
                  x-kubernetes-validations: [{rule: self.size() < 2}]
                  items:
                    type: object
                    properties: {name: {type: string}}
                    x-kubernetes-validations: [{rule: self.name != "bad"}]
                other: {type: string}
                """);
        var old = object("{plain: [bad, bad], atomic: [bad], keyed: [{name: bad}, {name: b}]}");
        assertThat(found(
                        schema,
                        object("{plain: [bad, x], atomic: [bad], keyed: [{name: b}, {name: bad}], other: x}"),
                        old))
                .isEmpty();
        assertThat(found(
                        schema,
                        object("{plain: [bad, x, bad], atomic: [bad, x], keyed: [{name: bad}, {name: c}]}"),
                        old))
                .containsExactlyInAnyOrder(
                        "spec.plain[2]: Invalid value: \"bad\": failed rule: self != \"bad\"",
                        "spec.atomic[0]: Invalid value: \"bad\": failed rule: self != \"bad\"",
                        "spec.keyed: Invalid value: failed rule: self.size() < 2");
    }

    @Test
    void aRuleThatSpeaksOfWhatWasBeforeIsNeverLetOff() {
        StructuralSchema schema = spec("""
                fixed: {type: string, x-kubernetes-validations: [{rule: self != oldSelf}]}
                maybe:
                  type: string
                  x-kubernetes-validations: [{rule: "oldSelf.orValue('') != self", optionalOldSelf: true}]
                """);
        var same = object("{fixed: a, maybe: a}");
        assertThat(found(schema, same, same)).hasSize(2);
    }

    @Test
    void namesThatAreNoNamesAreEscaped() {
        assertThat(found("""
                o:
                  type: object
                  properties: {a-b: {type: integer}, x.y/z: {type: integer}, for: {type: integer}, __i: {type: integer}}
                  x-kubernetes-validations:
                  - rule: self.a__dash__b + self.x__dot__y__slash__z + self.__for__ + self.__underscores__i == 10
                """, "o: {a-b: 1, x.y/z: 2, for: 3, __i: 4}")).isEmpty();
    }

    @Test
    void mapsListsTimesAndEitherOrAreTyped() {
        assertThat(found("""
                o:
                  type: object
                  properties:
                    labels: {type: object, additionalProperties: {type: string}}
                    list: {type: array, items: {type: integer}}
                    at: {type: string, format: date-time}
                    takes: {type: string, format: duration}
                    port: {x-kubernetes-int-or-string: true}
                    raw: {type: object, x-kubernetes-preserve-unknown-fields: true}
                    'n': {type: number}
                    maybe: {type: string, nullable: true}
                  x-kubernetes-validations:
                  - rule: "self.labels.all(k, self.labels[k] == 'v') && 'a.b/c' in self.labels"
                  - rule: "self.list.exists(x, x == 2) && self.list.map(x, x * 2).sum() == 6"
                  - rule: "self.at < timestamp('2027-01-01T00:00:00Z') && self.at.getFullYear() == 2026"
                  - rule: "self.takes > duration('1h') && self.takes.getMinutes() == 90"
                  - rule: "type(self.port) == int ? self.port > 1 : self.port == 'http'"
                  - rule: "self.n > 0.5 && self.n == 1.0"
                  - rule: "!has(self.maybe)"
                  - rule: "self.?maybe.orValue('x') == 'x' && self.?labels['none'].orValue('y') == 'y'"
                """, """
                o: {labels: {a.b/c: v}, list: [1, 2], at: '2026-01-02T03:04:05Z', takes: 1h30m, port: 80, 'n': 1,
                    raw: {x: 1}, maybe: null}
                """)).isEmpty();
    }

    @Test
    void aNullInAListIsANull() {
        String list = """
                l:
                  type: array
                  items: {type: string, nullable: true}
                  x-kubernetes-validations: [{rule: 'self.exists(x, dyn(x) == null)'}]
                """;
        assertThat(found(list, "l: [a, null]")).isEmpty();
        assertThat(found(list, "l: [a, b]")).hasSize(1);
    }

    @Test
    void ofMetadataTheNameIsSeen() {
        StructuralSchema schema = StructuralSchema.parse(yaml("""
                type: object
                x-kubernetes-validations: [{rule: 'self.metadata.name == "one" && self.kind == "CronTab"'}]
                properties: {spec: {type: object}}
                """));
        assertThat(found(schema, object("{}"), null)).isEmpty();
        assertThat(found(schema, object("{}").set("two", "metadata", "name"), null))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1, 2, 3].isSorted() && ![2, 1].isSorted()",
                "[1, 2, 3].sum() == 6 && [1, 3].max() == 3 && ['b', 'a'].min() == 'a'",
                "['a', 'b', 'a'].indexOf('a') == 0 && ['a', 'b', 'a'].lastIndexOf('a') == 2",
                "'abc 123'.find('[0-9]+') == '123' && '1 2 3'.findAll('[0-9]').size() == 3",
                "'1 2 3'.findAll('[0-9]', 2) == ['1', '2']",
                "isURL('https://a.example:80/x?q=1') && !isURL('a b')",
                "url('https://a.example:80/x?q=1').getHost() == 'a.example:80'",
                "url('https://a.example:80/x?q=1').getQuery()['q'] == ['1']",
                "url('https://[::1]:80/x').getHostname() == '::1' && url('/x').getScheme() == ''",
                "isQuantity('1Gi') && !isQuantity('x') && quantity('1Gi').isGreaterThan(quantity('1M'))",
                "quantity('500m').add(quantity('500m')) == quantity('1') && quantity('2').sub(1).asInteger() == 1",
                "isIP('10.0.0.1') && !isIP('10.0.0.256') && ip('::1').isLoopback() && ip('::1').family() == 6",
                "ip('127.0.0.1') == ip('127.0.0.1') && string(ip('2001:db8:0:0::1')) == '2001:db8::1'",
                "cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsIP(ip('11.0.0.1'))",
                "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && cidr('10.0.0.1/8').masked() == cidr('10.0.0.0/8')",
                "isCIDR('::/0') && cidr('10.0.0.0/8').prefixLength() == 8 && cidr('10.0.0.0/8').ip() == ip('10.0.0.0')",
                "!format.dns1123Label().validate('abc').hasValue() && format.named('uuid').value().validate('x').hasValue()",
                "'%s-%d-%.2f'.format(['a', 1, 2.5]) == 'a-1-2.50'",
                "'a,b'.split(',').join('-') == 'a-b' && 'ABC'.lowerAscii() == 'abc'",
                "sets.contains([1, 2], [1]) && [1, 2].exists_one(x, x == 1)",
                "optional.of(1).hasValue() && optional.none().orValue(2) == 2",
                "semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.0.0-rc.1').compareTo(semver('1.0.0')) == -1",
                "isSemver('1.2.3') && !isSemver('v1.2') && isSemver('v1.2', true) && semver('v01.02', true).minor() == 2",
                "semver('1.0.0-2').isLessThan(semver('1.0.0-10')) && semver('1.0.0+a').compareTo(semver('1.0.0')) == 0",
                "{'a': 1}.all(k, v, k == 'a' && v == 1)",
                "1 < 1.5 && 'x'.matches('^x$')"
            })
    void theFunctionsOfKubernetesAreThere(String expression) {
        assertThat(holds(expression, "x")).isEmpty();
    }

    /** Three lists within each other are more than any server has time for. */
    @Test
    void aRuleEndsHoweverMuchItAsks() {
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            many.add("x" + i);
        }
        StructuralSchema schema = spec("""
                l:
                  type: array
                  items: {type: string}
                  x-kubernetes-validations: [{rule: 'self.all(a, self.all(b, self.all(c, a + b != c)))'}]
                """);
        assertThat(found(schema, object("l: [a, b, c]"), null)).isEmpty();
        assertThat(found(schema, object("{}").set(many, "spec", "l"), null))
                .containsExactly("spec.l: Invalid value: \"array\": 'operation cancelled: actual cost limit exceeded':"
                        + " no further validation rules will be run due to call cost exceeds limit for rule:"
                        + " self.all(a, self.all(b, self.all(c, a + b != c)))");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "self.all(a, self == self)",
                "self.all(a, a in self)",
                "self.map(a, self).size() > 0 && self.map(a, self.map(b, self)) != [[['']]]",
                "self.all(a, self.join('') != self.join('-'))",
                "self.all(a, self.all(b, true || 1 / 0 == 1))",
                "sets.contains(self, self)"
            })
    void noWayAroundTheBudgetIsLeft(String rule) {
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            many.add("x" + i);
        }
        Map<String, Object> schema = specMap("l: {type: array, items: {type: string}}");
        new Unstructured(schema)
                .set(
                        List.of(Map.of("rule", rule)),
                        "properties",
                        "spec",
                        "properties",
                        "l",
                        "x-kubernetes-validations");
        assertThat(found(StructuralSchema.parse(schema), object("{}").set(many, "spec", "l"), null))
                .singleElement()
                .asString()
                .contains("actual cost limit exceeded");
    }

    @Test
    void aLongListMayBeWalkedThrough() {
        StructuralSchema schema = spec("""
                l:
                  type: array
                  items: {type: string}
                  x-kubernetes-validations:
                  - rule: self.map(a, a + 'x').filter(a, a.endsWith('x')).size() == self.size()
                """);
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            many.add("x" + i);
        }
        assertThat(found(schema, object("{}").set(many, "spec", "l"), null)).isEmpty();
    }

    @Test
    void manyRulesShareOneBudget() {
        StructuralSchema schema = spec("""
                l:
                  type: array
                  items:
                    type: string
                    x-kubernetes-validations: [{rule: "'%s'.contains(self) || 'a'.matches('a')"}]
                """.formatted("y".repeat(20_000)));
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 6000; i++) {
            many.add("x");
        }
        assertThat(found(schema, object("{}").set(many, "spec", "l"), null))
                .last()
                .asString()
                .endsWith(
                        "validation failed due to running out of cost budget, no further validation rules will be run");
    }

    @Test
    void anExpressionThatCannotBeReadIsRefusedWithTheSchema() {
        Findings findings = new Findings();
        SchemaRules.check(findings, specMap("""
                a: {type: string, x-kubernetes-validations: [{rule: self.x == 1}]}
                b: {type: string, x-kubernetes-validations: [{rule: size(self)}]}
                c: {type: array, items: {type: string, x-kubernetes-validations: [{rule: self == oldSelf}]}}
                d: {type: string, x-kubernetes-validations: [{rule: 'true', optionalOldSelf: true}]}
                e: {type: string, x-kubernetes-validations: [{rule: 'true', messageExpression: '1'}]}
                f: {type: string, x-kubernetes-validations: [{rule: '%s'}]}
                """.formatted("(".repeat(5000))), "s");
        assertThat(findings.causes())
                .extracting(Cause::field)
                .containsExactly(
                        "s.properties[spec].properties[a].x-kubernetes-validations[0].rule",
                        "s.properties[spec].properties[b].x-kubernetes-validations[0].rule",
                        "s.properties[spec].properties[c].items.x-kubernetes-validations[0].rule",
                        "s.properties[spec].properties[d].x-kubernetes-validations[0].optionalOldSelf",
                        "s.properties[spec].properties[e].x-kubernetes-validations[0].messageExpression",
                        "s.properties[spec].properties[f].x-kubernetes-validations[0].rule");
        assertThat(lines(findings).get(0)).contains("compilation failed: ERROR: <input>:1:5: ");
        assertThat(lines(findings).get(1)).endsWith("must evaluate to a bool");
        assertThat(lines(findings).get(2))
                .endsWith("oldSelf cannot be used on the uncorrelatable portion of the schema within"
                        + " s.properties[spec].properties[c]");
        assertThat(lines(findings).get(4)).endsWith("must evaluate to a string");
    }

    private static List<String> refused(String properties) {
        Findings findings = new Findings();
        SchemaRules.check(findings, specMap(properties), "s");
        return lines(findings);
    }

    @Test
    void loopsOverWhatHasNoBoundAreRefusedWithTheSchema() {
        String nested = """
                l:
                  type: array
                  %s
                  items: {type: string, maxLength: 10}
                  x-kubernetes-validations: [{rule: 'self.all(a, self.exists_one(b, a == b))'}]
                """;
        assertThat(refused(nested.formatted("maxItems: 100"))).isEmpty();
        assertThat(refused(nested.formatted("")))
                .containsExactly(
                        "s.properties[spec].properties[l].x-kubernetes-validations[0].rule: Forbidden: estimated"
                                + " rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding"
                                + " maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)");
        assertThat(refused("l: {type: array, items: {type: string, x-kubernetes-validations: [{rule: self != ''}]}}"))
                .isEmpty();
        // Nor need there be any list in the object.
        String rule = "true";
        for (int i = 0; i < 8; i++) {
            rule = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].all(x" + i + ", " + rule + ")";
        }
        assertThat(refused("s: {type: string, x-kubernetes-validations: [{rule: '" + rule + "'}]}"))
                .singleElement()
                .asString()
                .contains("estimated rule cost exceeds budget by factor of");
    }

    @Test
    void aDefaultKeepsTheRules() {
        assertThat(refused("a: {type: string, default: x, x-kubernetes-validations: [{rule: self == 'y'}]}"))
                .containsExactly(
                        "s.properties[spec].properties[a].default: Invalid value: \"x\": failed rule: self == 'y'");
    }
}

package dev.coracle.machinery.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A manifest means here what it means to every other Kubernetes tool. */
class YamlTest {
    private static Object value(String yaml) {
        return ((Map<?, ?>) Yaml.parseAll("v: " + yaml).getFirst()).get("v");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0644|420",
                "0400|256",
                "0o17|15",
                "0x1F|31",
                "-0x10|-16",
                "0b101|5",
                "1_000|1000",
                "08|8",
                "+1|1",
                "-0|0",
                "1.0|1",
                "1e3|1000",
                "!!float 2|2",
                "9223372036854775807|9223372036854775807"
            })
    void wholeNumbersInEveryNotation(String yaml, long number) {
        assertThat(value(yaml)).isEqualTo(number);
    }

    @ParameterizedTest
    @CsvSource({".5,0.5", "1.5,1.5", "-2.5e-1,-0.25", "18446744073709551616,18446744073709551616"})
    void fractionsAndWhatIsTooLargeForALong(String yaml, double number) {
        assertThat(value(yaml)).isEqualTo(number);
    }

    @ParameterizedTest
    @ValueSource(strings = {"y", "Y", "yes", "YES", "on", "On", "true", "True", "!!bool yes"})
    void yesInEveryWord(String yaml) {
        assertThat(value(yaml)).isEqualTo(true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"n", "N", "no", "No", "off", "OFF", "false", "FALSE"})
    void noInEveryWord(String yaml) {
        assertThat(value(yaml)).isEqualTo(false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "~", "null", "Null", "NULL"})
    void nothingInEveryWord(String yaml) {
        assertThat(value(yaml)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1:20",
                "2001-01-01",
                "2001-12-14T21:59:43Z",
                "yEs",
                "nULL",
                "0x",
                "09a",
                "1.2.3",
                "-x",
                ".",
                "1e999"
            })
    void whatOnlyLooksLikeItIsText(String yaml) {
        assertThat(value(yaml)).isEqualTo(yaml);
    }

    @Test
    void whatIsQuotedOrTaggedIsText() {
        assertThat(value("'yes'")).isEqualTo("yes");
        assertThat(value("\"0644\"")).isEqualTo("0644");
        assertThat(value("!!str 0644")).isEqualTo("0644");
        assertThat(value("|\n  on\n")).isEqualTo("on\n");
        assertThat(value("!!binary aGVsbG8=")).isEqualTo("hello");
        assertThat(value("<<")).isEqualTo("<<");
    }

    @Test
    void aMergeKeyTakesWhatIsNotThereYet() {
        Object tree = Yaml.parseAll("""
                base: &base {image: web, env: {A: "1"}}
                more: &more {image: other, tty: true}
                one: {<<: *base, image: mine}
                two:
                  <<: [*base, *more]
                  stdin: true
                """).getFirst();
        assertThat(((Map<?, ?>) tree).get("one")).isEqualTo(Map.of("image", "mine", "env", Map.of("A", "1")));
        assertThat(((Map<?, ?>) tree).get("two"))
                .isEqualTo(Map.of("image", "web", "env", Map.of("A", "1"), "tty", true, "stdin", true));
    }

    @Test
    void keysAreText() {
        assertThat(value("{on: 1, 8080: b, 1.5: c, 0x10: d, ~x: e}"))
                .isEqualTo(Map.of("true", 1L, "8080", "b", "1.5", "c", "16", "d", "~x", "e"));
        assertThatThrownBy(() -> value("{~: 1}")).hasMessageContaining("unsupported map key");
        assertThatThrownBy(() -> value("{[a]: 1}")).isInstanceOf(MalformedJsonException.class);
    }

    @Test
    void ofAKeyThatIsThereTwiceTheLastCountsAndItsLineIsTold() {
        String text = """
                spec:
                  replicas: 1
                  template: {a: 1, a: 2}
                  replicas: 3
                list:
                - {name: a}
                - {name: b}
                """;
        List<String> told = new ArrayList<>();
        Object tree = Yaml.parseAll(text, told::add).getFirst();
        assertThat(((Map<?, ?>) tree).get("spec")).isEqualTo(Map.of("replicas", 3L, "template", Map.of("a", 2L)));
        assertThat(told)
                .containsExactly("line 3: key \"a\" already set in map", "line 4: key \"replicas\" already set in map");
        assertThatThrownBy(() -> Yaml.parseStrictly(text)).hasMessageContaining("line 4: key \"replicas\"");
    }

    @Test
    void jsonIsYaml() {
        String text = "{\"a\": 1.0, \"b\": [1.5, \"yes\", null, true, \"\\u00e9\"], \"c\": {\"0644\": \"0644\"}}";
        Object tree = Yaml.parseAll(text).getFirst();
        assertThat(tree).isEqualTo(Yaml.parseAll(" " + text).getFirst());
        assertThat(((Map<?, ?>) tree).get("a")).isEqualTo(1L);
        List<String> told = new ArrayList<>();
        assertThat(Yaml.parseAll("{\"a\": 1,\n \"a\": 2}", told::add)).containsExactly(Map.of("a", 2L));
        assertThat(told).containsExactly("line 2: key \"a\" already set in map");
        assertThat(Yaml.parseAll("{a: yes}")).containsExactly(Map.of("a", true));
        assertThat(Yaml.parseAll("{\"a\": 1}\n---\n{\"b\": 2}")).containsExactly(Map.of("a", 1L), Map.of("b", 2L));
    }

    @ParameterizedTest
    @ValueSource(strings = {".nan", ".inf", "-.Inf", "!!int abc", "!!bool 1", "!!binary '*'", "!unknown x"})
    void whatJsonHasNoWordsForIsRefused(String yaml) {
        assertThatThrownBy(() -> value(yaml)).isInstanceOf(MalformedJsonException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "yes",
                "no",
                "on",
                "y",
                "0644",
                "1_000",
                "~",
                "null",
                "1e3",
                ".5",
                "<<",
                "true",
                "0x1F",
                "",
                " a ",
                "a: b",
                "2001-01-01",
                "1:20",
                "- a",
                "line\nline\n"
            })
    void textIsReadBackAsText(String text) {
        assertThat(Yaml.parseAll(Yaml.string(Map.of("v", text, text.isEmpty() ? "k" : text, "x")))
                        .getFirst())
                .isEqualTo(Map.of("v", text, text.isEmpty() ? "k" : text, "x"));
    }

    @Test
    void jsonObjectsOneAfterAnotherAreEachADocument() {
        List<String> twice = new ArrayList<>();
        assertThat(Yaml.parseAll("{\"a\": 1}\n{\"b\": 1e3, \"b\": 2}{}\n", twice::add))
                .hasToString("[{a=1}, {b=2}, {}]");
        assertThat(twice).containsExactly("key \"b\" already set in map");
        assertThatThrownBy(() -> Yaml.parseAll("{\"a\": 1}\n{\"b\": ")).isInstanceOf(MalformedJsonException.class);
    }
}

package dev.coracle.machinery.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.object.Unstructured;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorTest {
    private static final Map<String, String> LABELS = Map.of("app", "web", "tier", "b", "size", "5", "in", "notin");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  ",
                "app",
                "app=web",
                "app==web",
                " app = web ",
                "app!=db",
                "old!=x",
                "!old",
                "! old",
                "app in (web)",
                "app in(a,web)",
                "app in (web,web)",
                "app in (a, ,web)",
                "app notin (a,b)",
                "old notin (a)",
                "app,tier in (a,b),!old",
                "size>4",
                "size<6",
                "size > 4,size < 6"
            })
    void matches(String text) {
        assertThat(LabelSelector.parse(text).matches(LABELS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "app=",
                "app=db",
                "app!=web",
                "!app",
                "old",
                "old in (a)",
                "app notin (web)",
                "size>5",
                "size<5",
                "app>1",
                "old>1",
                "app=web,old"
            })
    void doesNotMatch(String text) {
        assertThat(LabelSelector.parse(text).matches(LABELS)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "=web | found '=', expected: !, identifier, or 'end of string'",
                "app=web, | found '', expected: identifier after ','",
                "app in ( | unable to parse requirement: found '', expected: ',' or ')'",
                "app in () | values set can't be empty",
                "app in web | unable to parse requirement: found 'web' expected: '('",
                "app web | unable to parse requirement: found 'web', expected: in, notin, =, ==, !=, gt, lt",
                "app=web db | found 'db', expected: ',' or 'end of string'",
                "size>big | the value must be an integer",
                "!app=web | found '=', expected: ',' or 'end of string'",
                "!! | unable to parse requirement: found '!', expected: identifier"
            })
    void isToldWhatWasExpected(String text, String message) {
        assertThatThrownBy(() -> LabelSelector.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static final Map<String, Function<Unstructured, String>> FIELDS =
            Map.of("metadata.name", Unstructured::name, "type", o -> o.string("type"));

    private static boolean selects(String text) {
        Unstructured o = Unstructured.parse("{\"metadata\":{\"name\":\"a\"},\"type\":\"x,y=z\"}");
        return FieldSelector.parse(text, FIELDS).matches(o);
    }

    @Test
    void fieldsAreComparedAsText() {
        assertThat(selects("")).isTrue();
        assertThat(selects("metadata.name=a,type!=q")).isTrue();
        assertThat(selects("metadata.name==a")).isTrue();
        assertThat(selects("metadata.name!=a")).isFalse();
        assertThat(selects("type=x\\,y\\=z")).isTrue();
        assertThatThrownBy(() -> selects("type=x,y=z")).hasMessage("field label not supported: y");
        assertThatThrownBy(() -> selects("type")).hasMessage("invalid selector: 'type'; can't understand 'type'");
        assertThatThrownBy(() -> selects("type=a\\b")).hasMessageContaining("invalid escape sequence");
        assertThatThrownBy(() -> FieldSelector.parse("type=x", Map.of("metadata.name", Unstructured::name)))
                .hasMessage("\"type\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
    }
}

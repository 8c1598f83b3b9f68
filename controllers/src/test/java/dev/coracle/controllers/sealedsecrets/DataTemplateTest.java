package dev.coracle.controllers.sealedsecrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts put together from opened values. */
class DataTemplateTest {
    private static final Map<String, String> VALUES = Map.of("user", "eve", "db-password", "hunter2");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "plain {text}|plain {text}",
                "{{ .user }}:{{ index . \"db-password\" }}@db|eve:hunter2@db",
                "{{.user}}{{.user}}|eveeve",
                "a {{- .user -}} b|aeveb",
                "a {{ .user -}} {{ .user }} b|a eveeve b",
                "{{ index . `user` }}|eve",
                "{{/* who */}}x|x",
                "{{ .nobody }}|<no value>",
                "[{{ index . \"nobody\" }}]|[]",
                "}} and {|}} and {"
            })
    void valuesAreFilledIn(String template, String result) {
        assertThat(DataTemplate.render("t", template, VALUES)).isEqualTo(result);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n{{ if .user }}x{{ end }}",
                "\n{{ .user | b64enc }}",
                "\n{{ env \"HOME\" }}",
                "\n{{ .user",
                "\n{{}}",
                "\n{{ .db-password }}"
            })
    void moreThanThatIsRefusedWithoutAnyValue(String template) {
        assertThatThrownBy(() -> DataTemplate.render("app.yaml", template, VALUES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("template: app.yaml:2: ")
                .hasMessageNotContaining("eve")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void muchWhitespaceTakesNoTime() {
        String much = " ".repeat(1_000_000);
        assertThat(DataTemplate.render("t", much + "{{- .user -}}" + much, VALUES))
                .isEqualTo("eve");
        assertThat(DataTemplate.render("t", much + "{" + much, VALUES)).hasSize(2_000_001);
    }
}

package dev.coracle.controllers.externalsecrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts put together from values, and what is refused, without a value in any message. */
class TemplateTest {
    private static final Map<String, byte[]> DATA = Map.of(
            "user", bytes("eve"),
            "password", bytes("s3cr<t\""),
            "db-host", bytes("db.example"),
            "encoded", bytes("aGVsbG8="),
            "empty", bytes(""),
            "config", bytes("{\"host\":\"h\",\"port\":5432,\"list\":[\"a\",{\"b\":true}],\"umlaut\":\"ä\"}"),
            "der", new byte[] {0, (byte) 0xff, (byte) 0x80});

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String render(String text) {
        return Template.renderText("url", text, DATA);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '\u0001',
            value = {
                "{{ .user }}:{{.password}}@x ~ eve:s3cr<t\"@x",
                "{{ index . \"db-host\" }} ~ db.example",
                "{{ .user | b64enc }} ~ ZXZl",
                "{{ .encoded | b64dec }} ~ hello",
                "{{ .encoded | b64dec | upper | quote }} ~ \"HELLO\"",
                "{{ .password | toJson }} ~ \"s3cr\\u003ct\\\"\"",
                "{{ quote .password }} ~ \"s3cr<t\\\"\"",
                "{{ squote .user }} ~ 'eve'",
                "{{ (fromJson .config).host }}:{{ (.config | fromJson).port }} ~ h:5432",
                "{{ index (fromJson .config) \"list\" 1 | toJson }} ~ {\"b\":true}",
                "{{ (fromJson .config).umlaut | upper }} ~ Ä",
                "{{ .empty | default \"none\" }} ~ none",
                "{{ .user | default \"none\" }} ~ eve",
                "{{ .user | replace \"e\" \"3\" | trimSuffix \"3\" }} ~ 3v",
                "{{ trimPrefix \"e\" .user }} ~ ve",
                "a {{- /* nothing */ -}} b ~ ab",
                "a {{- .user -}} b ~ aeveb",
                "{{ .user | sha256sum }} ~ 85262adf74518bbb70c7cb94cd6159d91669e5a81edf1efebd543eadbda9fa2b",
                "{{ `}}` }} ~ }}",
                "{{ \"a\\\"b\" | urlquery }} ~ a%22b",
            })
    void whatIsUsualIsUnderstood(String template, String expected) {
        assertThat(render(template)).isEqualTo(expected);
    }

    @Test
    void bytesComeThroughUnharmed() {
        assertThat(Template.render("k", "{{ .der }}", DATA)).isEqualTo(DATA.get("der"));
        assertThat(render("{{ .der | b64enc }}")).isEqualTo("AP+A");
        assertThat(render("ä{{ .user }}€")).isEqualTo("äeve€");
        assertThat(render("a: |{{ .user | nindent 2 }}")).isEqualTo("a: |\n  eve");
        assertThat(Template.renderText("all", "{{ . | toJson }}", Map.of("b", bytes("2"), "a", bytes("1"))))
                .isEqualTo("{\"a\":\"1\",\"b\":\"2\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '\u0001',
            value = {
                "{{ .nope }} ~ executing \"url\" at <.nope>: map has no entry for key \"nope\"",
                "{{ if .user }}x{{ end }} ~ \"if\" is not supported",
                "{{ range . }}x{{ end }} ~ \"range\" is not supported",
                "{{ $x := .user }} ~ variables are not supported",
                "{{ .user | env }} ~ function \"env\" not defined",
                "{{ getHostByName .user }} ~ function \"getHostByName\" not defined",
                "{{ .user ~ unclosed action",
                "{{ .user }x ~ can't give argument to non-function, or one that is not understood",
                "{{ .password | b64dec }} ~ b64dec: illegal base64 data",
                "{{ .password | fromJson }} ~ fromJson: it is no JSON",
                "{{ fromJson .config }} ~ an object or a list is no text: use toJson",
                "{{ .user | quote \"x\" }} ~ wrong number of args for quote: want 1 got 2",
                "{{ .user.name }} ~ executing \"url\" at <.name>: can't evaluate field name",
                "{{ indent 1000000000 .user }} ~ indent: a number of spaces from 0 to 1000 is expected",
                "{{ index . 0 }} ~ error calling index: it cannot be indexed so",
                "{{ }} ~ unexpected \"}\" in operand",
            })
    void whatIsNotIsRefused(String template, String why) {
        assertThatThrownBy(() -> render("\n" + template))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("template: url:2: " + why)
                .message()
                .doesNotContain("s3cr");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ .x | replace \"a\" \"aaaaaaaaaaaaaaaa\" | replace \"a\" \"aaaaaaaaaaaaaaaa\" }}",
                "{{ .x }}{{ .x }}{{ .x }}{{ .x }}{{ .x }}{{ .x }}{{ .x }}{{ .x }}{{ .x }}{{ .x }}{{ .x }}",
                "{{ .x | replace \"\" .x }}"
            })
    void noTemplateGrowsBeyondASecret(String template) {
        assertThatThrownBy(() -> Template.render("k", template, Map.of("x", bytes("a".repeat(100_000)))))
                .hasMessageContaining("the text would be larger than a Secret may be");
    }

    @Test
    void parenthesesDoNotNestForEver() {
        assertThatThrownBy(() -> render("{{ " + "(".repeat(100_000))).hasMessageContaining("parentheses nest too deep");
    }
}

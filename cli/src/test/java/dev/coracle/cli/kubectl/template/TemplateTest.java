package dev.coracle.cli.kubectl.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.coracle.machinery.json.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What comes of templates over a list of two pods; all of it as kubectl has it. */
class TemplateTest {
    private static final Object TREE = Json.parse("""
            {"kind": "List", "metadata": {}, "none": null, "half": 0.5, "many": 1500000, "items": [
              {"name": "a", "labels": {"app": "web", "tier": "front"}, "ports": [80, 443]},
              {"name": "b", "labels": {}, "ports": [], "ready": true}
            ]}
            """);

    private static String render(String template) {
        StringBuilder out = new StringBuilder();
        Template.parse(template).render(TREE, out);
        return out.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '~',
            value = {
                // Fields, and what is not there.
                "{{.kind}} => List",
                "{{.nope}} {{.nope.x}} {{.none}} => <no value> <no value> <no value>",
                "{{.half}} {{.many}} {{1500000.0}} => 0.5 1500000 1.5e+06",
                "{{(index .items 0).labels}} => map[app:web tier:front]",
                "{{(index .items 0).ports}} => [80 443]",
                "{{index .metadata `x`}} => <no value>",
                // Lists and maps, with variables.
                "{{range .items}}{{.name}};{{end}} => a;b;",
                "{{range $i, $p := .items}}{{if $i}}, {{end}}{{$i}}={{$p.name}}{{end}} => 0=a, 1=b",
                "{{range .items}}{{range $k, $v := .labels}}{{$k}}:{{$v}} {{else}}bare{{end}}{{end}} => app:web tier:front bare",
                "{{range .items}}{{$.kind}}{{break}}{{end}} => List",
                "{{range .items}}{{if .ready}}{{continue}}{{end}}{{.name}}{{end}} => a",
                "{{range 3}}{{.}}{{end}} => 012",
                "{{range .nope}}x{{else}}none{{end}} => none",
                "{{$x := 1}}{{range .items}}{{$x = .name}}{{end}}{{$x}} => b",
                // Conditions.
                "{{if .items}}some{{end}}{{if .metadata}}x{{else}}empty{{end}} => someempty",
                "{{if eq .kind `x`}}1{{else if eq .kind `y` `List`}}2{{else}}3{{end}} => 2",
                "{{with .nope}}a{{else with .kind}}{{.}}{{end}} => List",
                "{{with $n := len .items}}{{$n}}{{end}} => 2",
                "{{eq 1 1}} {{ne 1 2}} {{lt 1 2}} {{le 2 1}} {{gt .many 3}} {{ge `a` `b`}} => true true true false true false",
                "{{and 1 0 2}} {{or .nope `` .kind}} {{not .nope}} => 0 List true",
                "{{exists . `items` 0 `name`}} {{exists . `items` 9}} => true false",
                // Functions, and pipelines of them.
                "{{.items | len | printf `%03d`}} => 002",
                "{{printf `%s/%v %q %5d|%-3s|` .kind 1 `x` 7 `y`}} => List/1 ~\"x\"~     7|y  |",
                "{{printf `%d` .kind}} {{printf `%d`}} {{printf `` 1}} => %!d(string=List) %!d(MISSING) %!(EXTRA int=1)",
                "{{print `a` 1 2 `b`}} => a1 2b",
                "{{`aGVsbG8=` | base64decode}} => hello",
                "{{slice .kind 1 3}}{{html `<`}}{{urlquery `a b`}} => is&lt;a+b",
                // What does not show, and blanks.
                "a {{- /* nothing */ -}} b => ab",
                "a {{- .kind -}} b => aListb",
            })
    void comesTo(String template, String expected) {
        assertThat(render(template)).isEqualTo(expected.replace("~", ""));
    }

    @Test
    void aLineBreakIsOneInATextAndBetweenActions() {
        assertThat(render("{{range .items}}{{.name}}{{\"\\n\\t\"}}{{end}}{{println .kind 1}}"))
                .isEqualTo("a\n\tb\n\tList 1\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '~',
            value = {
                "{{.kind => unclosed action",
                "{{if .kind}} => unexpected EOF",
                "{{end}} => unexpected {{end}}",
                "{{else}} => unexpected {{else}}",
                "{{if}}{{end}} => missing value for if",
                "{{nope .}} => function \"nope\" not defined",
                "{{$x}} => undefined variable \"$x\"",
                "{{with $x := 1}}{{end}}{{$x}} => undefined variable \"$x\"",
                "{{break}} => {{break}} outside {{range}}",
                "{{\"x}} => unterminated quoted string",
                "{{(.kind}} => unclosed left paren",
                "{{.kind)}} => unexpected right paren",
                "{{.kind.}} => unexpected <.> in operand",
                "{{1 | 2}} => non executable command in pipeline stage 2",
                "{{.x}{{ => bad character U+007D '}'",
                "{{/* x }} => unclosed comment",
                "{{define `x`}}{{end}} => {{define}} is not supported by this client",
            })
    void isNone(String template, String why) {
        assertThat(catchThrowable(() -> Template.parse(template)))
                .isInstanceOf(TemplateException.class)
                .hasMessage("template: output:1: " + why);
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '~',
            value = {
                "{{.kind.x}} => 1:7 <.kind.x>: can't evaluate field x in type interface {}",
                "{{.none.x}} => 1:7 <.none.x>: nil pointer evaluating interface {}.x",
                "{{$x := 1}}{{$x.y}} => 1:15 <$x.y>: can't evaluate field y in type int",
                "{{index .items 9}} => 1:2 <index .items 9>: error calling index: index out of range: 9",
                "{{len 3}} => 1:2 <len 3>: error calling len: len of type int",
                "{{not}} => 1:2 <not>: wrong number of args for not: want 1 got 0",
                "{{eq 1 `a`}} => 1:2 <eq 1 `a`>: error calling eq: incompatible types for comparison",
                "{{range .kind}}{{end}} => 1:8 <.kind>: range can't iterate over List",
                "{{.kind 1}} => 1:2 <.kind>: kind is not a method but has arguments",
                "{{base64decode .nope}} => 1:15 <.nope>: invalid value; expected string",
                "{{base64decode .many}} => 1:15 <.many>: wrong type for value; expected string; got int64",
                "{{base64decode `!`}} => 1:2 <base64decode `!`>: error calling base64decode: base64 decode failed:"
                        + " illegal base64 data at input byte 0",
            })
    void fails(String template, String where) {
        String[] parts = where.split(" ", 2);
        assertThat(catchThrowable(() -> render(template)))
                .isInstanceOf(TemplateException.class)
                .hasMessage("template: output:" + parts[0] + ": executing \"output\" at " + parts[1]);
    }

    @Test
    void whatWasWrittenBeforeItFailedStaysAndThePlaceIsToldByLine() {
        StringBuilder out = new StringBuilder();
        Template t = Template.parse("a\n  é{{.kind.x}}");
        assertThat(catchThrowable(() -> t.render(TREE, out))).hasMessageStartingWith("template: output:2:11: ");
        assertThat(out).hasToString("a\n  é");
    }

    /** Whatever one writes, it ends, and with a result or a reason. */
    @Test
    void noTextBreaksIt() {
        List<String> pieces = List.of(
                "{{",
                "}}",
                "if ",
                "range ",
                "end",
                "else ",
                "with ",
                ".kind",
                ".",
                "$x",
                " := ",
                "|",
                "(",
                ")",
                "\"",
                "`",
                " ",
                "-",
                "1",
                "len ",
                "printf \"%q\" ",
                "nil",
                ",",
                "/*",
                "*/",
                "é",
                "break",
                "\n");
        var random = new java.util.Random(7);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = 0; n < 8; n++) {
                text.append(pieces.get(random.nextInt(pieces.size())));
            }
            try {
                render(text.toString());
            } catch (TemplateException e) {
                assertThat(e.getMessage()).startsWith("template: output:");
            }
        }
    }
}

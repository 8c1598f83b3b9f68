package dev.coracle.cli.kubectl.print;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.template.Template;
import dev.coracle.cli.kubectl.template.TemplateException;
import java.io.PrintStream;

/** {@code -o go-template}: what it fails at is told at length, as one cannot look inside. */
final class GoTemplate {
    private final String text;
    private final Template template;

    private GoTemplate(String text, Template template) {
        this.text = text;
        this.template = template;
    }

    static GoTemplate of(String text) {
        try {
            return new GoTemplate(text, Template.parse(text));
        } catch (TemplateException e) {
            throw new Failure("error parsing template " + text + ", " + e.getMessage());
        }
    }

    void print(PrintStream out, Object tree) {
        StringBuilder written = new StringBuilder();
        try {
            template.render(tree, written);
            out.print(written);
        } catch (TemplateException e) {
            out.print(written);
            out.print("Error executing template: " + e.getMessage()
                    + ". Printing more information for debugging the template:\n\ttemplate was:\n\t\t" + text
                    + "\n\traw data was:\n\t\t" + JsonText.compact(tree)
                    + "\n\tobject given to template engine was:\n\t\t" + Template.shown(tree) + "\n\n");
            throw new Failure("error executing template " + Template.quoted(text) + ": " + e.getMessage());
        } finally {
            out.flush();
        }
    }
}

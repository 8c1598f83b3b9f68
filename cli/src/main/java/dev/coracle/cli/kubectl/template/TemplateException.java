package dev.coracle.cli.kubectl.template;

/** A template is none, or cannot be carried out. */
public final class TemplateException extends RuntimeException {
    TemplateException(String message) {
        super(message);
    }
}

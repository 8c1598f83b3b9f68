package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.cel.Expressions;
import dev.coracle.machinery.object.Unstructured;
import java.util.Optional;

/** @param messageExpression empty for none */
record Validation(
        String expression,
        Expressions.Program program,
        String message,
        Optional<Expressions.Program> messageExpression,
        String reason) {

    static Validation of(Unstructured v, Languages languages) {
        String message = v.string("messageExpression").strip();
        return new Validation(
                v.string("expression").strip(),
                Policy.compiled(languages.rules()::bool, v.string("expression")),
                v.string("message").strip(),
                message.isEmpty()
                        ? Optional.empty()
                        : Optional.of(Policy.compiled(languages.messages()::string, v.string("messageExpression"))),
                v.stringOr("Invalid", "reason"));
    }
}

package dev.coracle.cli.kubectl.resource;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.client.https.RestClient;

/**
 * {@code --validate}: what becomes of fields that a kind does not have, or that are there twice.
 *
 * @param directive what the server is told: {@code Strict}, {@code Warn} or {@code Ignore}
 */
public record Validation(String directive) {
    /** For verbs that have no such flag. */
    static final Validation NONE = new Validation("Ignore");

    /** The flag, which is {@code strict} when it is not given. */
    public static Validation of(Flags.Line line) {
        String given = line.get("validate", "strict");
        return new Validation(
                switch (given) {
                    case "true", "strict" -> "Strict";
                    case "warn" -> "Warn";
                    case "false", "ignore" -> "Ignore";
                    default ->
                        throw new Failure("invalid - validate option \"" + given
                                + "\"; must be one of: strict (or true)," + " warn, ignore (or false)");
                });
    }

    /** The session's client, whose writes say so. */
    public RestClient client(Session session) {
        return session.client().validating(directive);
    }

    /** Whether objects are looked at before they are sent. */
    boolean looks() {
        return !directive.equals("Ignore");
    }
}

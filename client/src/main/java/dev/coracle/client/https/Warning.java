package dev.coracle.client.https;

import java.util.List;
import java.util.regex.Pattern;

/** The header of RFC 7234, section 5.5: {@code 299 - "unknown field \"spec.x\""}, perhaps several in one. */
final class Warning {
    /** Code, agent, text in quotes with backslashes before those within; a date may follow. */
    private static final Pattern ONE = Pattern.compile("299 \\S+ \"((?:[^\"\\\\]|\\\\.)*)\"(?: \"[^\"]*\")?");

    private Warning() {}

    /** The texts of those that are this API's own, which have code 299. */
    static List<String> in(String header) {
        return ONE.matcher(header)
                .results()
                .map(m -> m.group(1).replaceAll("\\\\(.)", "$1"))
                .toList();
    }
}

package dev.coracle.apiserver.definition;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What may be a name, as {@code k8s.io/apimachinery/pkg/util/validation} has it. Each answers with what is wrong, in
 * upstream's words, or with nothing.
 */
public final class Names {
    private static final String LABEL_TEXT = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private static final Pattern LABEL = Pattern.compile(LABEL_TEXT);
    private static final Pattern LABEL_1035 = Pattern.compile("[a-z]([-a-z0-9]*[a-z0-9])?");
    private static final String LABEL_1035_RULE =
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic"
                    + " character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for"
                    + " validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
    private static final int MATCHED = 1024;
    private static final String SUBDOMAIN_TEXT = LABEL_TEXT + "(\\." + LABEL_TEXT + ")*";
    private static final Pattern SUBDOMAIN = Pattern.compile(SUBDOMAIN_TEXT);
    private static final String QUALIFIED_TEXT = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private static final Pattern QUALIFIED = Pattern.compile(QUALIFIED_TEXT);
    private static final Pattern KEY = Pattern.compile("[-._a-zA-Z0-9]+");
    private static final String SUBDOMAIN_RULE =
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must"
                    + " start and end with an alphanumeric character (e.g. 'example.com', regex used for validation"
                    + " is '" + SUBDOMAIN_TEXT + "')";
    private static final String LABEL_RULE =
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and"
                    + " end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation"
                    + " is '" + LABEL_TEXT + "')";
    private static final String QUALIFIED_RULE =
            "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric"
                    + " character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '"
                    + QUALIFIED_TEXT + "')";
    private static final String LABEL_VALUE_RULE =
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must"
                    + " start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345',"
                    + " regex used for validation is '(" + QUALIFIED_TEXT + ")?')";

    private Names() {}

    public static List<String> label(String name) {
        List<String> errors = new ArrayList<>();
        if (!LABEL.matcher(name).matches()) {
            errors.add(LABEL_RULE);
        }
        return atMost(name, 63, errors);
    }

    /** A label that does not begin with a digit (RFC 1035). */
    public static List<String> label1035(String name) {
        return name.length() > 63
                ? List.of("must be no more than 63 bytes")
                : LABEL_1035.matcher(name).matches() ? List.of() : List.of(LABEL_1035_RULE);
    }

    public static List<String> subdomain(String name) {
        List<String> errors = new ArrayList<>();
        // The pattern recurses with every dot: what is far too long is refused for that alone.
        if (name.length() <= MATCHED && !SUBDOMAIN.matcher(name).matches()) {
            errors.add(SUBDOMAIN_RULE);
        }
        return atMost(name, 253, errors);
    }

    /** What can stand in a URL between two slashes. */
    public static List<String> pathSegment(String name) {
        List<String> errors = new ArrayList<>();
        if (name.equals(".") || name.equals("..")) {
            errors.add("may not be '" + name + "'");
        }
        for (String c : new String[] {"/", "%"}) {
            if (name.contains(c)) {
                errors.add("may not contain '" + c + "'");
            }
        }
        return errors;
    }

    /** {@code app} or {@code example.com/app}. */
    public static List<String> qualified(String name) {
        String[] parts = name.split("/", -1);
        List<String> errors = new ArrayList<>();
        if (parts.length > 2) {
            errors.add("a qualified name " + QUALIFIED_RULE
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
            return errors;
        }
        if (parts.length == 2) {
            if (parts[0].isEmpty()) {
                errors.add("prefix part must be non-empty");
            } else {
                subdomain(parts[0]).forEach(e -> errors.add("prefix part " + e));
            }
        }
        String last = parts[parts.length - 1];
        if (last.isEmpty()) {
            errors.add("name part must be non-empty");
        } else if (last.length() > 63) {
            errors.add("name part must be no more than 63 bytes");
        }
        if (!QUALIFIED.matcher(last).matches()) {
            errors.add("name part " + QUALIFIED_RULE);
        }
        return errors;
    }

    public static List<String> annotationKey(String name) {
        return qualified(name.toLowerCase(Locale.ROOT));
    }

    public static List<String> labelValue(String value) {
        List<String> errors = new ArrayList<>();
        if (value.length() > 63) {
            errors.add("must be no more than 63 bytes");
        }
        if (!value.isEmpty() && !QUALIFIED.matcher(value).matches()) {
            errors.add(LABEL_VALUE_RULE);
        }
        return errors;
    }

    /** A key of a ConfigMap or Secret. */
    public static List<String> configKey(String key) {
        List<String> errors = new ArrayList<>();
        atMost(key, 253, errors);
        if (!KEY.matcher(key).matches()) {
            errors.add("a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',"
                    + "  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')");
        } else if (key.equals(".") || key.equals("..")) {
            errors.add("must not be '" + key + "'");
        } else if (key.startsWith("..")) {
            errors.add("must not start with '..'");
        }
        return errors;
    }

    /** Since v1.34 nearly everything is allowed (KEP-4369). */
    public static List<String> environmentVariable(String name) {
        return name.chars().allMatch(c -> c >= ' ' && c <= '~' && c != '=')
                ? List.of()
                : List.of("a valid environment variable name must consist only of printable ASCII characters other"
                        + " than '='");
    }

    /** A port's name, by RFC 6335. */
    public static List<String> portName(String name) {
        List<String> errors = new ArrayList<>();
        if (name.length() > 15) {
            errors.add("must be no more than 15 bytes");
        }
        if (!name.matches("[-a-z0-9]*")) {
            errors.add("must contain only alphanumeric characters (a-z, 0-9), and hyphens (-)");
        }
        if (!name.matches(".*[a-z].*")) {
            errors.add("must contain at least one letter (a-z)");
        }
        if (name.contains("--")) {
            errors.add("must not contain consecutive hyphens");
        }
        if (name.startsWith("-") || name.endsWith("-")) {
            errors.add("must not begin or end with a hyphen");
        }
        return errors;
    }

    public static List<String> portNumber(long port) {
        return port >= 1 && port <= 65535 ? List.of() : List.of("must be between 1 and 65535, inclusive");
    }

    private static List<String> atMost(String text, int most, List<String> errors) {
        if (text.getBytes(StandardCharsets.UTF_8).length > most) {
            errors.add("must be no more than " + most + " bytes");
        }
        return errors;
    }
}

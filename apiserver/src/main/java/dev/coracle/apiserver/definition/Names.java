package dev.coracle.apiserver.definition;

import dev.coracle.machinery.names.NameRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What may be a name, as {@code k8s.io/apimachinery/pkg/util/validation} has it. Each answers with what is wrong, in
 * upstream's words, or with nothing. The rules that expressions know too are {@link NameRules}'.
 */
public final class Names {
    private static final Pattern KEY = Pattern.compile("[-._a-zA-Z0-9]+");

    private Names() {}

    public static List<String> label(String name) {
        return NameRules.label(name);
    }

    /** A label that does not begin with a digit (RFC 1035). */
    public static List<String> label1035(String name) {
        return NameRules.label1035(name);
    }

    public static List<String> subdomain(String name) {
        return NameRules.subdomain(name);
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
        return NameRules.qualified(name);
    }

    public static List<String> annotationKey(String name) {
        return qualified(name.toLowerCase(Locale.ROOT));
    }

    public static List<String> labelValue(String value) {
        return NameRules.labelValue(value);
    }

    /** A key of a ConfigMap or Secret. */
    public static List<String> configKey(String key) {
        List<String> errors = new ArrayList<>();
        NameRules.atMost(key, 253, errors);
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
}

package dev.coracle.machinery.names;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What names and labels of objects look like, as {@code k8s.io/apimachinery/pkg/util/validation} has it. Each answers with
 * what is wrong, in upstream's words, or with nothing.
 */
public final class NameRules {
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

    private NameRules() {}

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

    /** @param errors is added to, and returned */
    public static List<String> atMost(String text, int most, List<String> errors) {
        if (text.getBytes(StandardCharsets.UTF_8).length > most) {
            errors.add("must be no more than " + most + " bytes");
        }
        return errors;
    }
}

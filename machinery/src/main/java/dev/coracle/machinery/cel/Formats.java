package dev.coracle.machinery.cel;

import com.google.re2j.Pattern;
import dev.coracle.machinery.names.IpText;
import dev.coracle.machinery.names.NameRules;
import dev.coracle.machinery.quantity.Quantity;
import java.net.Inet4Address;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;

/** What {@code format} says of a text, as {@code k8s.io/kube-openapi/pkg/validation/strfmt} understands it. */
public final class Formats {
    /** Linear, for what is matched comes from users. */
    private static Predicate<String> matches(String pattern) {
        Pattern compiled = Pattern.compile(pattern);
        return compiled::matches;
    }

    private static final String HEX = "[0-9a-f]";
    private static final Predicate<String> DATE_TIME = matches(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([.,][0-9]+)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?");
    private static final Predicate<String> GO_DURATION =
            matches("[-+]?(0|(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)");
    private static final Predicate<String> WORDED_DURATION =
            matches("(?i)([0-9]+ *(ns|nanos?|nanoseconds?|us|µs|micros?"
                    + "|microseconds?|ms|millis?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?"
                    + "|weeks?) *)+");
    private static final Predicate<String> LABEL_OF_HOST =
            matches("[a-zA-Z0-9\\p{S}\\p{L}]([a-zA-Z0-9\\-\\p{S}\\p{L}]{0,61}[a-zA-Z0-9\\p{S}\\p{L}])?");
    private static final Predicate<String> LAST_OF_HOST =
            matches("[a-zA-Z0-9\\p{S}\\p{L}](-?[a-zA-Z0-9\\p{S}\\p{L}]){0,62}");
    private static final Predicate<String> EMAIL =
            matches("(.* )?<?[^@<>\\s\"(),:;\\[\\]\\\\]+@[a-zA-Z0-9.\\-\\[\\]:]+>?");
    private static final Predicate<String> CARD = matches(
            "4[0-9]{12}([0-9]{3})?|5[1-5][0-9]{14}"
                    + "|6(011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(0[0-5]|[68][0-9])[0-9]{11}|(2131|1800|35[0-9]{3})[0-9]{11}");

    private static final Map<String, Predicate<String>> TEXTS = Map.ofEntries(
            Map.entry("bsonobjectid", matches("[0-9a-fA-F]{24}")),
            Map.entry("uri", Formats::uri),
            Map.entry("email", EMAIL),
            Map.entry("hostname", Formats::hostname),
            Map.entry(
                    "ipv4",
                    s -> IpText.parse(s).filter(Inet4Address.class::isInstance).isPresent()),
            Map.entry("ipv6", s -> s.contains(":") && IpText.parse(s).isPresent()),
            Map.entry("cidr", Formats::cidr),
            Map.entry(
                    "mac",
                    matches("(?i)" + HEX + "{2}(:" + HEX + "{2}){5}|" + HEX + "{2}(:" + HEX + "{2}){7}|" + HEX + "{2}(-"
                            + HEX + "{2}){5}|" + HEX + "{2}(-" + HEX + "{2}){7}|" + HEX + "{4}(\\." + HEX + "{4}){2}|"
                            + HEX + "{4}(\\." + HEX + "{4}){3}")),
            Map.entry("uuid", uuid(HEX, HEX)),
            Map.entry("uuid3", uuid("3", HEX)),
            Map.entry("uuid4", uuid("4", "[89ab]")),
            Map.entry("uuid5", uuid("5", "[89ab]")),
            Map.entry("isbn", s -> isbn10(s) || isbn13(s)),
            Map.entry("isbn10", Formats::isbn10),
            Map.entry("isbn13", Formats::isbn13),
            Map.entry("creditcard", Formats::card),
            Map.entry("ssn", matches("[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}")),
            Map.entry("hexcolor", matches("#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")),
            Map.entry("rgbcolor", Formats::rgb),
            Map.entry("byte", Formats::base64),
            Map.entry("password", s -> true),
            Map.entry("date", Formats::date),
            Map.entry("duration", s -> GO_DURATION.test(s) || WORDED_DURATION.test(s.strip())),
            Map.entry("datetime", Formats::dateTime),
            Map.entry("quantity", Formats::quantity),
            Map.entry("k8sshortname", s -> NameRules.label(s).isEmpty()),
            Map.entry("k8slongname", s -> NameRules.subdomain(s).isEmpty()));

    private static final Map<String, Set<String>> NUMBERS =
            Map.of("integer", Set.of("int32", "int64"), "number", Set.of("float", "double"));

    private Formats() {}

    /** Whether the format means something for values of the type; others are not looked at. */
    public static boolean checked(String format, String type) {
        return switch (type) {
            case "", "string" -> TEXTS.containsKey(format.replace("-", ""));
            default -> NUMBERS.getOrDefault(type, Set.of()).contains(format);
        };
    }

    /** @param format one that is {@link #checked} */
    public static boolean valid(String format, String text) {
        Predicate<String> known = TEXTS.get(format.replace("-", ""));
        return known == null || known.test(text);
    }

    private static Predicate<String> uuid(String version, String variant) {
        return matches("(?i)" + HEX + "{8}-?" + HEX + "{4}-?" + version + HEX + "{3}-?" + variant + HEX + "{3}-?" + HEX
                + "{12}");
    }

    static boolean uri(String s) {
        if (s.isEmpty()) {
            return false;
        }
        try {
            URI uri = new URI(s);
            return uri.isAbsolute() || s.startsWith("/");
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static boolean hostname(String s) {
        if (s.isEmpty() || s.length() > 255) {
            return false;
        }
        String[] labels = s.split("\\.", -1);
        for (int i = 0; i < labels.length; i++) {
            boolean last = i == labels.length - 1;
            if (labels[i].length() > 63 || !(last ? LAST_OF_HOST : LABEL_OF_HOST).test(labels[i])) {
                return false;
            }
        }
        return labels.length == 1 || labels[labels.length - 1].length() > 1;
    }

    static boolean cidr(String s) {
        int slash = s.indexOf('/');
        if (slash < 0 || !s.substring(slash + 1).matches("\\d{1,3}")) {
            return false;
        }
        int bits = Integer.parseInt(s.substring(slash + 1));
        return IpText.parse(s.substring(0, slash))
                .filter(a -> bits <= a.getAddress().length * 8)
                .isPresent();
    }

    private static boolean isbn10(String s) {
        String digits = s.replaceAll("[\\s-]", "");
        if (!digits.matches("\\d{9}[\\dX]")) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < 10; i++) {
            int digit = digits.charAt(i) == 'X' ? 10 : digits.charAt(i) - '0';
            sum += (i + 1) * digit;
        }
        return sum % 11 == 0;
    }

    private static boolean isbn13(String s) {
        String digits = s.replaceAll("[\\s-]", "");
        if (!digits.matches("\\d{13}")) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < 13; i++) {
            sum += (digits.charAt(i) - '0') * (i % 2 == 0 ? 1 : 3);
        }
        return sum % 10 == 0;
    }

    private static boolean card(String s) {
        String digits = s.replaceAll("[^0-9]+", "");
        if (!CARD.test(digits)) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            int twice = digit * 2;
            sum += i % 2 == 0 ? digit : twice > 9 ? twice - 9 : twice;
        }
        return sum % 10 == 0;
    }

    private static boolean rgb(String s) {
        Matcher m = java.util.regex.Pattern.compile("rgb\\(\\s*(\\d{1,3})\\s*,\\s*(\\d{1,3})\\s*,\\s*(\\d{1,3})\\s*\\)")
                .matcher(s);
        if (s.length() > 100 || !m.matches()) {
            return false;
        }
        for (int i = 1; i <= 3; i++) {
            if (Integer.parseInt(m.group(i)) > 255) {
                return false;
            }
        }
        return true;
    }

    private static boolean base64(String s) {
        if (s.isEmpty() || s.length() % 4 != 0) {
            return false;
        }
        try {
            Base64.getDecoder().decode(s);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean date(String s) {
        try {
            LocalDate.parse(s);
            return s.length() == 10;
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private static boolean dateTime(String s) {
        if (!DATE_TIME.test(s) || !date(s.substring(0, 10))) {
            return false;
        }
        String time = s.substring(11).toUpperCase(Locale.ROOT);
        return Integer.parseInt(time.substring(0, 2)) < 24
                && Integer.parseInt(time.substring(3, 5)) < 60
                && Integer.parseInt(time.substring(6, 8)) < 60;
    }

    private static boolean quantity(String s) {
        try {
            Quantity.parse(s);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}

package dev.coracle.machinery.cel;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.coracle.machinery.json.Json;
import java.util.List;

/** Upstream's {@code kubernetes.Semver}. */
final class SemverFunctions {
    private static final CelType SEMVER = OpaqueType.create("kubernetes.Semver");
    private static final CelType TEXT = SimpleType.STRING;
    private static final CelType BOOL = SimpleType.BOOL;
    private static final CelType INT = SimpleType.INT;

    /** Semantic Versioning 2.0.0; what is after a plus does not order. */
    record Version(long major, long minor, long patch, List<String> before, String build)
            implements Comparable<Version> {
        private static final String NUMBER = "(0|[1-9][0-9]{0,17})";
        private static final Pattern TEXT = Pattern.compile(NUMBER + "\\." + NUMBER + "\\." + NUMBER
                + "(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?");

        static Version parse(String text) {
            Matcher m = TEXT.matcher(text);
            if (!m.matches()) {
                throw new IllegalArgumentException("No Major.Minor.Patch elements found in " + Json.string(text));
            }
            List<String> before =
                    m.group(4) == null ? List.of() : List.of(m.group(4).split("\\."));
            for (String part : before) {
                if (part.length() > 1 && part.startsWith("0") && isNumber(part)) {
                    throw new IllegalArgumentException(
                            "Numeric PreRelease version must not contain leading zeroes " + Json.string(part));
                }
            }
            return new Version(
                    Long.parseLong(m.group(1)),
                    Long.parseLong(m.group(2)),
                    Long.parseLong(m.group(3)),
                    before,
                    m.group(5) == null ? "" : m.group(5));
        }

        /** {@code v1.02} is {@code 1.2.0}. */
        static Version lenient(String text) {
            String[] parts = text.replaceFirst("^v", "").split("\\.", 3);
            if (parts.length < 3 && parts[parts.length - 1].matches(".*[+-].*")) {
                throw new IllegalArgumentException("short version cannot contain PreRelease/Build meta data");
            }
            StringBuilder whole = new StringBuilder();
            for (int i = 0; i < 3; i++) {
                String part = i < parts.length ? parts[i].replaceFirst("^0+(?=[0-9])", "") : "0";
                whole.append(i == 0 ? "" : ".").append(part);
            }
            return parse(whole.toString());
        }

        private static boolean isNumber(String part) {
            return part.chars().allMatch(c -> c >= '0' && c <= '9');
        }

        @Override
        public int compareTo(Version other) {
            int c = Long.compare(major, other.major);
            c = c != 0 ? c : Long.compare(minor, other.minor);
            c = c != 0 ? c : Long.compare(patch, other.patch);
            if (c != 0 || before.isEmpty() || other.before.isEmpty()) {
                return c != 0 ? c : Boolean.compare(before.isEmpty(), other.before.isEmpty());
            }
            for (int i = 0; i < Math.min(before.size(), other.before.size()); i++) {
                c = compare(before.get(i), other.before.get(i));
                if (c != 0) {
                    return c;
                }
            }
            return Integer.compare(before.size(), other.before.size());
        }

        private static int compare(String a, String b) {
            boolean number = isNumber(a);
            if (number != isNumber(b)) {
                return number ? -1 : 1;
            }
            int c = number ? Integer.compare(a.length(), b.length()) : 0;
            return c != 0 ? c : Integer.signum(a.compareTo(b));
        }
    }

    private SemverFunctions() {}

    static void addTo(Functions f) {
        f.global("isSemver", "is_semver_string", BOOL, TEXT, String.class, s -> is(s, false))
                .global("semver", "string_to_semver", SEMVER, TEXT, String.class, Version::parse)
                .global(
                        "isSemver",
                        "is_semver_string_bool",
                        BOOL,
                        List.of(TEXT, BOOL),
                        List.of(String.class, Boolean.class),
                        args -> is((String) args[0], (Boolean) args[1]))
                .global(
                        "semver",
                        "string_bool_to_semver",
                        SEMVER,
                        List.of(TEXT, BOOL),
                        List.of(String.class, Boolean.class),
                        args -> (Boolean) args[1] ? Version.lenient((String) args[0]) : Version.parse((String) args[0]))
                .member("major", "semver_major", INT, SEMVER, Version.class, Version::major)
                .member("minor", "semver_minor", INT, SEMVER, Version.class, Version::minor)
                .member("patch", "semver_patch", INT, SEMVER, Version.class, Version::patch)
                .member(
                        "isLessThan",
                        "semver_is_less_than",
                        BOOL,
                        SEMVER,
                        Version.class,
                        SEMVER,
                        Version.class,
                        (a, b) -> a.compareTo(b) < 0)
                .member(
                        "isGreaterThan",
                        "semver_is_greater_than",
                        BOOL,
                        SEMVER,
                        Version.class,
                        SEMVER,
                        Version.class,
                        (a, b) -> a.compareTo(b) > 0)
                .member("compareTo", "semver_compare_to", INT, SEMVER, Version.class, SEMVER, Version.class, (a, b) ->
                        (long) Integer.signum(a.compareTo(b)));
    }

    private static boolean is(String text, boolean lenient) {
        try {
            return (lenient ? Version.lenient(text) : Version.parse(text)) != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}

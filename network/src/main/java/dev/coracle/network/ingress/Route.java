package dev.coracle.network.ingress;

import dev.coracle.machinery.object.Unstructured;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One path of one host and where it leads.
 *
 * @param path as the Ingress has it
 * @param type {@code Exact}, {@code Prefix} or {@code ImplementationSpecific}
 * @param port the Service port's number as text, or its name
 * @param options what annotations ask for
 */
record Route(String namespace, String ingress, String path, String type, String service, String port, Options options) {
    private static final String PREFIX = "nginx.ingress.kubernetes.io/";

    /**
     * @param rewrite empty: the path goes on as it came
     * @param bodyLimit in bytes; 0: none
     */
    record Options(
            String rewrite,
            boolean regex,
            boolean redirect,
            boolean forceRedirect,
            long bodyLimit,
            int connectMillis,
            int readMillis) {
        static Options of(Unstructured ingress) {
            Map<String, String> a = ingress.annotations();
            String rewrite = a.getOrDefault(PREFIX + "rewrite-target", "");
            return new Options(
                    rewrite,
                    !rewrite.isEmpty()
                            || a.getOrDefault(PREFIX + "use-regex", "").equals("true"),
                    !a.getOrDefault(PREFIX + "ssl-redirect", "").equals("false"),
                    a.getOrDefault(PREFIX + "force-ssl-redirect", "").equals("true"),
                    size(a.getOrDefault(PREFIX + "proxy-body-size", "1m")),
                    seconds(a.getOrDefault(PREFIX + "proxy-connect-timeout", "5"), 5) * 1000,
                    seconds(a.getOrDefault(PREFIX + "proxy-read-timeout", "60"), 60) * 1000);
        }

        /** nginx's sizes: {@code 8m}, {@code 512k}, {@code 1g}; what cannot be read counts as the default, 1m. */
        static long size(String text) {
            String t = text.strip().toLowerCase(Locale.ROOT);
            if (!t.matches("\\d{1,12}[kmg]?")) {
                return 1 << 20;
            }
            char unit = t.charAt(t.length() - 1);
            long n = Long.parseLong(Character.isDigit(unit) ? t : t.substring(0, t.length() - 1));
            return switch (unit) {
                case 'k' -> n << 10;
                case 'm' -> n << 20;
                case 'g' -> n << 30;
                default -> n;
            };
        }

        private static int seconds(String text, int fallback) {
            String t = text.strip().endsWith("s")
                    ? text.strip().substring(0, text.strip().length() - 1)
                    : text.strip();
            return t.matches("\\d{1,6}") ? Integer.parseInt(t) : fallback;
        }
    }

    /**
     * @param byRegex when any path of the host asks for a regular expression, ingress-nginx makes all of them
     *     case-insensitive expressions anchored at the beginning
     */
    boolean matches(String uri, boolean byRegex, @Nullable Pattern pattern) {
        if (byRegex) {
            return pattern != null && pattern.matcher(uri).lookingAt();
        }
        return switch (type) {
            case "Exact" -> uri.equals(path);
            case "Prefix" -> {
                String base = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
                yield uri.equals(base) || uri.startsWith(base + "/");
            }
            default -> uri.startsWith(path);
        };
    }

    /**
     * The path to ask the backend for. As nginx' {@code rewrite}: the whole path becomes the target, with {@code $1}…
     * standing for what the path's groups matched; so {@code rewrite-target: /} asks for {@code /} whatever was asked.
     */
    String rewritten(String uri, @Nullable Pattern pattern) {
        if (options.rewrite().isEmpty() || pattern == null) {
            return uri;
        }
        Matcher m = pattern.matcher(uri);
        if (!m.find()) {
            return uri;
        }
        StringBuilder out = new StringBuilder();
        String target = options.rewrite();
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c == '$' && i + 1 < target.length() && Character.isDigit(target.charAt(i + 1))) {
                int group = target.charAt(++i) - '0';
                String matched = group <= m.groupCount() ? m.group(group) : null;
                out.append(matched == null ? "" : Paths.escaped(matched));
            } else {
                out.append(c);
            }
        }
        return out.isEmpty() || out.charAt(0) != '/' ? "/" + out : out.toString();
    }
}

package dev.coracle.network.ingress;

import dev.coracle.machinery.object.Unstructured;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

    private static final Set<String> KNOWN = Set.of(
            "rewrite-target",
            "use-regex",
            "ssl-redirect",
            "force-ssl-redirect",
            "proxy-body-size",
            "proxy-connect-timeout",
            "proxy-read-timeout",
            "allowlist-source-range",
            "whitelist-source-range",
            "denylist-source-range",
            "temporal-redirect",
            "temporal-redirect-code",
            "permanent-redirect",
            "permanent-redirect-code",
            "app-root");

    /** Annotations of ours that ask for what is not done here, in order. */
    static List<String> unknown(Unstructured ingress) {
        return ingress.annotations().keySet().stream()
                .filter(k -> k.startsWith(PREFIX) && !KNOWN.contains(k.substring(PREFIX.length())))
                .sorted()
                .toList();
    }

    /**
     * Who may come.
     *
     * @param allowed if there are any, these alone
     * @param broken what the annotations say cannot be read, so nobody may
     */
    record Access(SourceRanges allowed, SourceRanges denied, boolean broken) {
        static Access of(Map<String, String> annotations) {
            String allow = annotations.getOrDefault(
                    PREFIX + "allowlist-source-range", annotations.getOrDefault(PREFIX + "whitelist-source-range", ""));
            String deny = annotations.getOrDefault(PREFIX + "denylist-source-range", "");
            Optional<SourceRanges> in = allow.isBlank() ? Optional.of(SourceRanges.NONE) : SourceRanges.parse(allow);
            Optional<SourceRanges> out = deny.isBlank() ? Optional.of(SourceRanges.NONE) : SourceRanges.parse(deny);
            // Whoever asks for a password must not find the door open because nobody here can ask for one.
            boolean unchecked = annotations.keySet().stream().anyMatch(k -> k.startsWith(PREFIX + "auth-"));
            return new Access(
                    in.orElse(SourceRanges.NONE),
                    out.orElse(SourceRanges.NONE),
                    in.isEmpty() || out.isEmpty() || unchecked);
        }

        boolean admits(InetAddress client) {
            return !denied.contains(client) && (allowed.isEmpty() || allowed.contains(client));
        }
    }

    /**
     * Where else a client is sent.
     *
     * @param url always, with {@code code}; empty for nowhere
     * @param root of the site: where {@code /} leads; empty for nowhere
     */
    record Elsewhere(String url, int code, String root) {
        static Elsewhere of(Map<String, String> annotations) {
            String temporal = location(annotations.getOrDefault(PREFIX + "temporal-redirect", ""));
            String permanent = location(annotations.getOrDefault(PREFIX + "permanent-redirect", ""));
            String root = location(annotations.getOrDefault(PREFIX + "app-root", ""));
            boolean brief = !temporal.isEmpty();
            int code = code(
                    annotations.getOrDefault(
                            PREFIX + (brief ? "temporal-redirect-code" : "permanent-redirect-code"), ""),
                    brief ? 302 : 301);
            return new Elsewhere(brief ? temporal : permanent, code, root.startsWith("/") ? root : "");
        }

        private static int code(String text, int fallback) {
            return text.matches("30[0-8]") ? Integer.parseInt(text) : fallback;
        }

        /** What fits on one line of a header. */
        private static String location(String text) {
            return text.chars().allMatch(c -> c > ' ' && c < 127) ? text : "";
        }
    }

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
            int readMillis,
            Access access,
            Elsewhere elsewhere) {
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
                    seconds(a.getOrDefault(PREFIX + "proxy-read-timeout", "60"), 60) * 1000,
                    Access.of(a),
                    Elsewhere.of(a));
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

package dev.coracle.cli.kubectl.proxy;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import java.util.Arrays;
import java.util.List;

/**
 * Which requests are carried on. What is rejected is, even where it is accepted, too.
 *
 * @param rejectMethods and the others: expressions, one of which is found somewhere in it
 */
record Filter(
        List<Pattern> acceptHosts, List<Pattern> acceptPaths, List<Pattern> rejectPaths, List<Pattern> rejectMethods) {
    private static final String HOSTS = "^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$";
    private static final String REJECTED_PATHS = "^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach";

    static Filter of(Flags.Line line) {
        return new Filter(
                patterns(line.get("accept-hosts", HOSTS)),
                patterns(line.get("accept-paths", "^.*")),
                patterns(line.get("reject-paths", REJECTED_PATHS)),
                patterns(line.get("reject-methods", "^$")));
    }

    private static List<Pattern> patterns(String list) {
        if (list.isEmpty()) {
            return List.of();
        }
        try {
            return Arrays.stream(list.split(",", -1)).map(Pattern::compile).toList();
        } catch (PatternSyntaxException e) {
            throw new Failure("Error compiling re: " + e.getMessage());
        }
    }

    /**
     * @param path without escapes
     * @param host as the header has it, with or without a port
     */
    boolean accepts(String method, String path, String host) {
        return !found(rejectPaths, path)
                && !found(rejectMethods, method)
                && found(acceptPaths, path)
                && found(acceptHosts, name(host));
    }

    private static boolean found(List<Pattern> patterns, String in) {
        return patterns.stream().anyMatch(p -> p.matcher(in).find());
    }

    /** Without the port; with one the brackets go, too, as Go's {@code net.SplitHostPort} has it. */
    private static String name(String host) {
        int colon = host.lastIndexOf(':');
        if (host.startsWith("[")) {
            int close = host.indexOf(']');
            return close > 0 && colon == close + 1 ? host.substring(1, close) : host;
        }
        return colon >= 0 && host.indexOf(':') == colon ? host.substring(0, colon) : host;
    }
}

package dev.coracle.cli.kubectl.proxy;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Where a path leads, as Go's {@code ServeMux} leads it: by the longer of two prefixes, and to its own clean form first.
 *
 * @param api prefix of the API, with a slash at its end
 * @param files prefix of files, or {@code ""} where none are served
 */
record Route(String api, String files) {
    enum Kind {
        API,
        FILES,
        /** Elsewhere, by the path. */
        REDIRECT,
        NOTHING
    }

    /** @param path of the file, below its prefix, or where to go instead; {@code ""} for the API */
    record Target(Kind kind, String path) {}

    /** @param path without escapes */
    Target of(String path) {
        String clean = clean(path);
        if (!clean.equals(path)) {
            return new Target(Kind.REDIRECT, clean);
        }
        String prefix = "";
        for (String known : List.of(api, files)) {
            boolean below = !known.isEmpty() && (path + "/").startsWith(known);
            prefix = below && known.length() > prefix.length() ? known : prefix;
        }
        if (prefix.isEmpty()) {
            return new Target(Kind.NOTHING, "");
        }
        if (!path.startsWith(prefix)) {
            return new Target(Kind.REDIRECT, path + "/");
        }
        return prefix.equals(files) ? new Target(Kind.FILES, path.substring(files.length())) : new Target(Kind.API, "");
    }

    /** What the API is asked for: below a prefix of our own it begins anew. @param path with or without escapes */
    String apiPath(String path) {
        if (api.startsWith("/api")) {
            return path;
        }
        String rest = path.startsWith(api) ? path.substring(api.length()) : path;
        return rest.startsWith("/") ? rest : "/" + rest;
    }

    private static String clean(String path) {
        Deque<String> parts = new ArrayDeque<>();
        for (String part : path.split("/")) {
            if (part.equals("..")) {
                parts.pollLast();
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        String joined = "/" + String.join("/", parts);
        boolean directory = path.endsWith("/") || path.endsWith("/.") || path.endsWith("/..");
        return directory && !joined.endsWith("/") ? joined + "/" : joined;
    }
}

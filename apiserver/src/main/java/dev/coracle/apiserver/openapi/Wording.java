package dev.coracle.apiserver.openapi;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What operations and their parameters do, in words. */
final class Wording {
    /** @param type of the value */
    record Parameter(String type, String description) {}

    private static final Parameter DRY_RUN =
            new Parameter("string", "Goes through all stages but stores nothing. The only value is All.");

    private Wording() {}

    /** The query parameters of an action, by name. */
    static Map<String, Parameter> parameters(String action) {
        Map<String, Parameter> all = new LinkedHashMap<>();
        switch (action) {
            case "post", "put" -> write(all);
            case "patch" -> {
                write(all);
                add(all, "force", "boolean", "Takes fields from those whom they belong to; for apply patches.");
            }
            case "list" -> {
                add(all, "allowWatchBookmarks", "boolean", "Lets a watch send bookmarks: versions without change.");
                select(all);
                add(all, "watch", "boolean", "Sends changes as they come, instead of a list.");
            }
            case "delete" -> delete(all);
            case "deletecollection" -> {
                select(all);
                delete(all);
            }
            default -> {}
        }
        return all;
    }

    private static void add(Map<String, Parameter> to, String name, String type, String description) {
        to.put(name, new Parameter(type, description));
    }

    private static void write(Map<String, Parameter> to) {
        to.put("dryRun", DRY_RUN);
        String manager = "Whom the changed fields belong to; from the user agent if it is left out.";
        add(to, "fieldManager", "string", manager);
        String validation = "What becomes of unknown and duplicate fields: Ignore drops them, Warn drops them and"
                + " warns (the default), Strict refuses the request.";
        add(to, "fieldValidation", "string", validation);
    }

    private static void select(Map<String, Parameter> to) {
        add(to, "continue", "string", "Where to go on, as the page before said.");
        add(to, "fieldSelector", "string", "Restricts the objects by their fields.");
        add(to, "labelSelector", "string", "Restricts the objects by their labels.");
        add(to, "limit", "integer", "At most so many objects, and where to go on.");
        add(to, "resourceVersion", "string", "The version to read at or to watch from.");
        add(to, "timeoutSeconds", "integer", "Ends a watch after so many seconds.");
    }

    private static void delete(Map<String, Parameter> to) {
        to.put("dryRun", DRY_RUN);
        add(to, "gracePeriodSeconds", "integer", "How long the object may take to end; 0 for at once.");
        String policy = "What becomes of what the object owns: Orphan, Background or Foreground.";
        add(to, "propagationPolicy", "string", policy);
    }

    static String of(String action, String kind, String subresource) {
        String of = subresource.isEmpty() ? "" : subresource.toLowerCase(Locale.ROOT) + " of ";
        return switch (action) {
            case "get" -> "read " + of + "the specified " + kind;
            case "list" -> "list or watch objects of kind " + kind;
            case "post" -> "create " + of + "a " + kind;
            case "put" -> "replace " + of + "the specified " + kind;
            case "patch" -> "partially update " + of + "the specified " + kind;
            case "delete" -> "delete a " + kind;
            case "deletecollection" -> "delete collection of " + kind;
            default -> "connect requests to " + of + kind;
        };
    }
}

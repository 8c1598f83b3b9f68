package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.print.Columns;
import dev.coracle.cli.kubectl.resource.ApiResource;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** {@code kubectl auth can-i}: the exit code is the answer. */
final class CanI {
    private static final String GROUP = "authorization.k8s.io";
    private static final Set<String> VERBS = Set.of(
            "get",
            "list",
            "watch",
            "create",
            "update",
            "patch",
            "delete",
            "deletecollection",
            "use",
            "bind",
            "impersonate",
            "*",
            "approve",
            "sign",
            "escalate",
            "attest");
    private static final Set<String> URL_VERBS =
            Set.of("get", "put", "post", "head", "options", "delete", "patch", "*");
    /** Never discovered, for they are only impersonated. */
    private static final Set<String> UNDISCOVERED = Set.of("users", "groups");

    private CanI() {}

    static int run(Session session, Flags.Line line, List<String> arguments) {
        if (line.on("list")) {
            if (!arguments.isEmpty()) {
                throw new Failure("list option must be specified with no arguments");
            }
            if (line.on("quiet") || line.on("all-namespaces") || line.has("subresource")) {
                throw new Failure("list option can't be specified with neither quiet, all-namespaces nor subresource"
                        + " options");
            }
            list(session, line);
            return 0;
        }
        if (arguments.size() != 2) {
            throw new Failure("you must specify two arguments: verb resource or verb resource/resourceName.\n"
                    + "See 'kubectl auth can-i -h' for help and examples.");
        }
        String verb = arguments.getFirst();
        String object = arguments.get(1);
        Unstructured review = Unstructured.of(GROUP + "/v1", "SelfSubjectAccessReview");
        if (object.startsWith("/")) {
            if (line.has("subresource")) {
                throw new Failure("--subresource can not be used with NonResourceURL");
            }
            known(session, verb, URL_VERBS);
            review.set(verb, "spec", "nonResourceAttributes", "verb")
                    .set(object, "spec", "nonResourceAttributes", "path");
        } else {
            review.set(attributes(session, line, verb, object), "spec", "resourceAttributes");
        }
        if (line.on("no-headers")) {
            throw new Failure("--no-headers cannot be set without --list specified");
        }
        Unstructured status = ask(session, "selfsubjectaccessreviews", review).object("status");
        boolean allowed = status.bool("allowed");
        if (!line.on("quiet")) {
            StringBuilder said = new StringBuilder(allowed ? "yes" : "no");
            for (String why : allowed ? List.<String>of() : List.of("reason", "evaluationError")) {
                said.append(status.string(why).isEmpty() ? "" : " - " + status.string(why));
            }
            session.out().println(said);
        }
        return allowed ? 0 : 1;
    }

    private static Map<String, Object> attributes(Session session, Flags.Line line, String verb, String object) {
        String[] parts = object.split("/", 2);
        GroupVersionResource resource = new GroupVersionResource("", "", parts[0]);
        if (!parts[0].equals("*")) {
            try {
                ApiResource found = new Catalog(session).find(parts[0]);
                resource = found.resource();
                if (!found.namespaced() && !line.on("all-namespaces")) {
                    warn(
                            session,
                            "resource '" + resource.resource() + "' is not namespace scoped" + in(resource.group()));
                }
            } catch (Failure unknown) {
                unknown(session, parts[0].toLowerCase(Locale.ROOT));
            }
        }
        if (!line.on("all-namespaces")) {
            known(session, verb, VERBS);
        }
        Map<String, Object> attributes = new LinkedHashMap<>();
        attributes.put("namespace", line.on("all-namespaces") ? "" : session.namespace());
        attributes.put("verb", verb);
        attributes.put("group", resource.group());
        attributes.put("resource", resource.resource());
        attributes.put("subresource", line.get("subresource"));
        attributes.put("name", parts.length > 1 ? parts[1] : "");
        attributes.values().removeIf(""::equals);
        return attributes;
    }

    private static void unknown(Session session, String text) {
        int dot = text.indexOf('.');
        if (!UNDISCOVERED.contains(text)) {
            warn(
                    session,
                    "the server doesn't have a resource type '" + (dot < 0 ? text : text.substring(0, dot)) + "'"
                            + in(dot < 0 ? "" : text.substring(dot + 1)));
        }
    }

    private static String in(String group) {
        return group.isEmpty() ? "" : " in group '" + group + "'";
    }

    private static void known(Session session, String verb, Set<String> verbs) {
        if (!verbs.contains(verb)) {
            warn(session, "verb '" + verb + "' is not a known verb");
        }
    }

    private static void warn(Session session, String what) {
        session.err().println("Warning: " + what + "\n");
    }

    private static Unstructured ask(Session session, String resource, Unstructured review) {
        return session.client()
                .create(new GroupVersionResource(GROUP, "v1", resource), "", review, WriteOptions.DEFAULT.as(""))
                .object();
    }

    /** One line of the list; what differs only in verbs is one. */
    private record Rule(String group, String resource, String name, String url) {
        String title() {
            String[] parts = resource.split("/", 2);
            return parts[0] + (group.isEmpty() ? "" : "." + group) + (parts.length > 1 ? "/" + parts[1] : "");
        }
    }

    private record Row(Rule rule, List<String> verbs) {
        /** As Go prints the rule, which is what upstream sorts by. */
        String order() {
            return go(verbs)
                    + (rule.url().isEmpty()
                            ? ",[" + rule.group() + "],[" + rule.resource() + "],[" + rule.name() + "],[]"
                            : ",[],[],[],[" + rule.url() + "]");
        }
    }

    private static void list(Session session, Flags.Line line) {
        Unstructured review =
                Unstructured.of(GROUP + "/v1", "SelfSubjectRulesReview").set(session.namespace(), "spec", "namespace");
        Unstructured status = ask(session, "selfsubjectrulesreviews", review).object("status");
        if (status.bool("incomplete")) {
            session.err().println("Warning: the list may be incomplete: " + status.string("evaluationError"));
        }
        List<Row> rows = new ArrayList<>();
        Map<Rule, List<String>> verbs = new LinkedHashMap<>();
        for (Unstructured r : status.objects("resourceRules")) {
            List<String> names = r.has("resourceNames") ? r.stringList("resourceNames") : List.of("");
            for (String group : r.stringList("apiGroups")) {
                for (String resource : r.stringList("resources")) {
                    for (String name : names) {
                        List<String> all =
                                verbs.computeIfAbsent(new Rule(group, resource, name, ""), k -> new ArrayList<>());
                        r.stringList("verbs").stream()
                                .filter(v -> !all.contains(v))
                                .forEach(all::add);
                    }
                }
            }
        }
        verbs.forEach((rule, all) -> rows.add(new Row(rule, all)));
        for (Unstructured r : status.objects("nonResourceRules")) {
            for (String url : r.stringList("nonResourceURLs")) {
                r.stringList("verbs").forEach(v -> rows.add(new Row(new Rule("", "", "", url), List.of(v))));
            }
        }
        rows.sort(Comparator.comparing(Row::order));
        Columns columns = Columns.table();
        if (!line.on("no-headers")) {
            columns.row("Resources", "Non-Resource URLs", "Resource Names", "Verbs");
        }
        for (Row r : rows) {
            Rule rule = r.rule();
            columns.row(rule.title(), list(rule.url()), list(rule.name()), go(r.verbs()));
        }
        columns.flush(session.out());
    }

    private static String list(String one) {
        return "[" + one + "]";
    }

    /** As Go prints a list of strings. */
    static String go(List<String> list) {
        return "[" + String.join(" ", list) + "]";
    }
}

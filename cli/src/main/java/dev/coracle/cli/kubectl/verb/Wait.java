package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Durations;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.Told;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.machinery.json.path.JsonPath;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code kubectl wait --for=condition=Ready|delete|create|jsonpath=...}. */
public final class Wait implements Verb {
    private static final Duration GLANCE = Duration.ofMillis(200);

    @Override
    public Flags flags() {
        return Flags.of("for", "timeout~", "selector,l", "all!", "all-namespaces,A!", "output,o", "template")
                .and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException, InterruptedException {
        Predicate<@Nullable Unstructured> met = condition(line.get("for"));
        Duration timeout = Durations.parse(line.get("timeout", "30s"));
        long began = session.environment().clock().nanos();
        List<Selection.Item> items;
        while (true) {
            items = Selection.of(session, new Catalog(session), line, "");
            if (!items.isEmpty() || line.get("for").equals("delete")) {
                break;
            }
            if (!line.get("for").equals("create")) {
                throw new Failure("no matching resources found");
            }
            late(session, began, timeout, "");
            session.environment().sleep(GLANCE);
        }
        for (Selection.Item item : items) {
            Unstructured seen = find(session, item, line.get("for"));
            if (line.get("for").equals("delete") && seen == null) {
                // As kubectl: nothing is said of what was gone before.
                continue;
            }
            Unstructured last = seen;
            while (!met.test(seen)) {
                late(
                        session,
                        began,
                        timeout,
                        " on " + item.resource().resource().resource() + "/" + item.name());
                session.environment().sleep(GLANCE);
                last = seen == null ? last : seen;
                seen = find(session, item, line.get("for"));
            }
            Unstructured shown = seen == null ? last : seen;
            if (shown != null) {
                Told.of(session, line, shown, item.title(), "condition met");
            }
            session.out().flush();
        }
        return 0;
    }

    private static void late(Session session, long began, Duration timeout, String what) {
        if (!timeout.isNegative()
                && session.environment().clock().elapsed(began).compareTo(timeout) >= 0) {
            throw new Failure("timed out waiting for the condition" + what);
        }
    }

    private static @Nullable Unstructured find(Session session, Selection.Item item, String what) {
        try {
            return Rollout.get(session, item);
        } catch (StatusException e) {
            if (e.isNotFound() && (what.equals("delete") || what.equals("create"))) {
                return null;
            }
            throw e;
        }
    }

    private static Predicate<@Nullable Unstructured> condition(String text) {
        if (text.equalsIgnoreCase("delete")) {
            return o -> o == null;
        }
        if (text.equalsIgnoreCase("create")) {
            return o -> o != null;
        }
        if (text.startsWith("condition=")) {
            String[] parts = text.substring("condition=".length()).split("=", 2);
            String value = parts.length > 1 ? parts[1] : "true";
            return o -> o != null
                    && o.objects("status", "conditions").stream()
                            .anyMatch(c -> c.string("type").equalsIgnoreCase(parts[0])
                                    && c.string("status").equalsIgnoreCase(value)
                                    && c.integer(o.generation(), "observedGeneration") >= o.generation());
        }
        if (text.startsWith("jsonpath=")) {
            String expression = text.substring("jsonpath=".length());
            int close = expression.lastIndexOf('}');
            String path = expression.substring(0, close + 1).replaceFirst("^'", "");
            String rest = expression.substring(close + 1).replaceFirst("^'", "");
            JsonPath json = JsonPath.path(path);
            boolean any = !rest.startsWith("=");
            String value = any ? "" : rest.substring(1);
            return o -> {
                if (o == null) {
                    return false;
                }
                var found = json.find(o.map());
                return any
                        ? !found.isEmpty()
                        : found.size() == 1 && JsonPath.text(found.getFirst()).equals(value);
            };
        }
        throw new Failure("unrecognized condition: \"" + text + "\"");
    }
}

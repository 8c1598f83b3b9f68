package dev.coracle.machinery.json;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;

/**
 * Reckons, before a tree is built, how deep it would nest and how much its aliases would make of it. The parser that gives
 * the events does not recurse; what builds trees does.
 *
 * <p>For example {@code a: &a [x, x], b: &b [*a, *a], c: [*b, *b]} is small text, but {@code c} weighs four times {@code a}.
 */
final class YamlBounds {
    /** What one node weighs beside its text. */
    private static final long NODE = 16;
    /** What aliases may add to a document. */
    private static final long MAX_GROWTH = 16 << 20;

    private static final long UNFINISHED = -1;

    /** A collection that is open: what it weighs so far. */
    private static final class Open {
        private final Optional<Anchor> anchor;
        private long weight = NODE;

        Open(Optional<Anchor> anchor) {
            this.anchor = anchor;
        }
    }

    private final Deque<Open> open = new ArrayDeque<>();
    private final Map<Anchor, Long> anchors = new HashMap<>();
    private long growth;

    private YamlBounds() {}

    /**
     * @param then sees each event that is within bounds
     * @throws MalformedJsonException for what no tree should be built of
     */
    static void check(Iterable<Event> events, Consumer<Event> then) {
        YamlBounds bounds = new YamlBounds();
        events.forEach(e -> {
            bounds.next(e);
            then.accept(e);
        });
    }

    private void next(Event event) {
        switch (event) {
            case DocumentStartEvent d -> anchors.clear();
            case CollectionStartEvent start -> {
                if (open.size() == Json.MAX_DEPTH) {
                    throw new MalformedJsonException("yaml: exceeded max depth of " + Json.MAX_DEPTH);
                }
                start.getAnchor().ifPresent(a -> anchors.put(a, UNFINISHED));
                open.push(new Open(start.getAnchor()));
            }
            case CollectionEndEvent end -> {
                Open done = open.pop();
                done.anchor.ifPresent(a -> anchors.put(a, done.weight));
                weigh(done.weight);
            }
            case ScalarEvent scalar -> {
                long weight = NODE + scalar.getValue().length();
                scalar.getAnchor().ifPresent(a -> anchors.put(a, weight));
                weigh(weight);
            }
            case AliasEvent alias -> {
                // One that is not known is told where the tree is built.
                long weight = anchors.getOrDefault(alias.getAlias(), 0L);
                if (weight == UNFINISHED) {
                    throw new MalformedJsonException("yaml: anchor '" + alias.getAlias() + "' value contains itself");
                }
                growth += weight;
                if (growth > MAX_GROWTH) {
                    throw new MalformedJsonException("yaml: document contains excessive aliasing");
                }
                weigh(weight);
            }
            default -> {}
        }
    }

    private void weigh(long weight) {
        Open within = open.peek();
        if (within != null) {
            within.weight += weight;
        }
    }
}

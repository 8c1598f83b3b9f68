package dev.coracle.machinery.json;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;

/** Finds keys that a mapping has twice, each told by its line as go-yaml does. */
final class YamlDuplicates implements Consumer<Event> {
    /** Who has so many will not read more. */
    private static final int MOST = 100;

    /** A collection that is open. */
    private static final class Open {
        private final boolean mapping;
        private final Set<String> keys = new HashSet<>();
        /** Whether what comes next is a key. */
        private boolean key = true;

        Open(boolean mapping) {
            this.mapping = mapping;
        }
    }

    private final Deque<Open> open = new ArrayDeque<>();
    private final Consumer<String> found;
    private int count;

    /** @param found told {@code line 4: key "replicas" already set in map} */
    YamlDuplicates(Consumer<String> found) {
        this.found = found;
    }

    @Override
    public void accept(Event event) {
        switch (event) {
            case MappingStartEvent start -> {
                value();
                open.push(new Open(true));
            }
            case SequenceStartEvent start -> {
                value();
                open.push(new Open(false));
            }
            case CollectionEndEvent end -> open.pop();
            case AliasEvent alias -> value();
            case ScalarEvent scalar -> {
                Open within = open.peek();
                boolean merge = scalar.isPlain() && scalar.getValue().equals("<<");
                if (within != null
                        && within.mapping
                        && within.key
                        && !merge
                        && !within.keys.add(scalar.getValue())
                        && count++ < MOST) {
                    int line = scalar.getStartMark().map(m -> m.getLine() + 1).orElse(0);
                    found.accept("line " + line + ": key \"" + scalar.getValue() + "\" already set in map");
                }
                value();
            }
            default -> {}
        }
    }

    private void value() {
        Open within = open.peek();
        if (within != null) {
            within.key = !within.key;
        }
    }
}

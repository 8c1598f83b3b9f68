package dev.coracle.apiserver.structural;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes out of an object the fields that its schema does not have. */
final class Pruning {
    /** Of more than so many no path is told, as upstream; they are taken out all the same. */
    private static final int MOST_TOLD = 100;

    private final Consumer<String> unknown;
    private int told;
    private final Steps at = new Steps();

    private Pruning(Consumer<String> unknown) {
        this.unknown = unknown;
    }

    /** @param whole whether {@code value} is a whole object, which has metadata without its schema saying so */
    static void prune(Node schema, Object value, boolean whole, Consumer<String> unknown) {
        new Pruning(unknown).value(schema, value, whole, schema.preserves);
    }

    /**
     * @param schema null where nothing is known: then nothing may be in there
     * @param keep whether unknown fields stay, which is inherited by the elements of lists but not by named fields
     */
    private void value(@Nullable Node schema, @Nullable Object value, boolean whole, boolean keep) {
        if (value instanceof Map<?, ?> map) {
            fields(schema, map, whole, keep);
        } else if (value instanceof List<?> list && !(schema == null && keep)) {
            Node items = schema == null ? null : schema.items;
            for (int i = 0; i < list.size(); i++) {
                Object element = list.get(i);
                if (element instanceof Map || element instanceof List) {
                    at.index(i);
                    value(items, element, items != null && items.embedded, keep || items != null && items.preserves);
                    at.up();
                }
            }
        }
    }

    private void fields(@Nullable Node schema, Map<?, ?> map, boolean whole, boolean keep) {
        Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<?, ?> e = entries.next();
            String name = (String) e.getKey();
            if (whole && EmbeddedObject.isMeta(name)) {
                if (name.equals("metadata")) {
                    at.field(name);
                    EmbeddedObject.prune(e.getValue(), at, this::tell);
                    at.up();
                }
                continue;
            }
            Node field = schema == null ? null : schema.child(name);
            boolean known = field != null || schema != null && schema.open;
            if (known) {
                Object value = e.getValue();
                if (value instanceof Map || value instanceof List) {
                    at.field(name);
                    value(field, value, field != null && field.embedded, field != null && field.preserves);
                    at.up();
                }
            } else if (!keep) {
                tell(name);
                entries.remove();
            }
        }
    }

    private void tell(String name) {
        if (told++ < MOST_TOLD) {
            unknown.accept(at.dotted(name));
        }
    }
}

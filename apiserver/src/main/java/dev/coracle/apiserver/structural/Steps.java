package dev.coracle.apiserver.structural;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The way from the root to where a walk is. It becomes text only when something is to be told. */
final class Steps {
    /** The key of a map, which {@code field.Path} writes in brackets. */
    private record Key(String name) {}

    private @Nullable Object[] way = new @Nullable Object[16];
    private int length;

    void field(String name) {
        push(name);
    }

    private void key(String name) {
        push(new Key(name));
    }

    /** To what a map of this schema has under a name: a property's field, or a free key. */
    void child(Node schema, String name) {
        if (schema.properties.containsKey(name)) {
            field(name);
        } else {
            key(name);
        }
    }

    void index(int i) {
        push(i);
    }

    void up() {
        length--;
    }

    boolean isRoot() {
        return length == 0;
    }

    private void push(Object step) {
        if (length == way.length) {
            way = Arrays.copyOf(way, length * 2);
        }
        way[length++] = step;
    }

    /** {@code spec.list[2].labels.app}. */
    String dotted() {
        return text(false);
    }

    /** {@code spec.list[2].labels[app]}. */
    String bracketed() {
        return text(true);
    }

    private String text(boolean brackets) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            switch (way[i]) {
                case Integer index -> text.append('[').append(index).append(']');
                case Key key when brackets -> text.append('[').append(key.name).append(']');
                case Key key -> name(text, key.name);
                case null, default -> name(text, String.valueOf(way[i]));
            }
        }
        return text.toString();
    }

    private static void name(StringBuilder text, String name) {
        if (!text.isEmpty()) {
            text.append('.');
        }
        text.append(name);
    }

    /** Of a field below here. */
    String dotted(String field) {
        field(field);
        String text = dotted();
        up();
        return text;
    }

    /** Of a field below here. */
    String bracketed(String field) {
        field(field);
        String text = bracketed();
        up();
        return text;
    }
}

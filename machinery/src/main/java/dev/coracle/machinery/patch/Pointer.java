package dev.coracle.machinery.patch;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A JSON pointer, RFC 6901: {@code ""} is the whole document, {@code /a~1b/0} the first of {@code a/b}. */
record Pointer(List<String> steps) {
    /** @throws IllegalArgumentException for what is no pointer */
    static Pointer of(String text) {
        if (text.isEmpty()) {
            return new Pointer(List.of());
        }
        if (text.charAt(0) != '/') {
            throw new IllegalArgumentException("the path " + text + " must begin with /");
        }
        return new Pointer(Arrays.stream(text.substring(1).split("/", -1))
                .map(s -> s.replace("~1", "/").replace("~0", "~"))
                .toList());
    }

    boolean isRoot() {
        return steps.isEmpty();
    }

    Pointer parent() {
        return new Pointer(steps.subList(0, steps.size() - 1));
    }

    String last() {
        return steps.getLast();
    }

    /** Whether {@code other} lies below this one. */
    boolean contains(Pointer other) {
        return other.steps.size() > steps.size()
                && other.steps.subList(0, steps.size()).equals(steps);
    }

    @Override
    public String toString() {
        return steps.stream()
                .map(s -> "/" + s.replace("~", "~0").replace("/", "~1"))
                .collect(Collectors.joining());
    }
}

package dev.coracle.schema.generator;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A Go comment: text for people, and markers for machines ({@code +listType=map}). */
record Comment(List<String> lines) {
    static final Comment NONE = new Comment(List.of());

    /**
     * The description as OpenAPI shows it: lines joined, indented ones on lines of their own, markers and notes to
     * oneself left out. Paragraphs are lost: protoc drops empty lines.
     */
    String text() {
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            if (line.equals("---")) {
                break;
            }
            String bare = line.strip();
            if (!bare.startsWith("+") && !bare.startsWith("TODO")) {
                boolean indented = line.startsWith(" ") || line.startsWith("\t");
                if (indented) {
                    trimEnd(text);
                    text.append('\n').append(line.stripTrailing()).append('\n');
                } else {
                    text.append(bare).append(' ');
                }
            }
        }
        return text.toString().strip();
    }

    private static void trimEnd(StringBuilder text) {
        while (!text.isEmpty() && Character.isWhitespace(text.charAt(text.length() - 1))) {
            text.setLength(text.length() - 1);
        }
    }

    /** The spaces before the line that {@code text} begins with, if there are any. */
    Optional<String> indentOf(String text) {
        for (String line : lines) {
            String bare = line.strip();
            if (line.startsWith(" ") && !bare.isEmpty() && text.startsWith(bare)) {
                return Optional.of(line.substring(0, line.indexOf(bare)));
            }
        }
        return Optional.empty();
    }

    /** The values of a marker, e.g. of {@code listMapKey}; empty where it is absent. */
    List<String> values(String marker) {
        List<String> values = new ArrayList<>();
        for (String line : lines) {
            String bare = line.strip();
            if (bare.startsWith("+" + marker + "=")) {
                values.add(bare.substring(marker.length() + 2).strip());
            }
        }
        return values;
    }

    Optional<String> value(String marker) {
        return values(marker).stream().findFirst();
    }
}

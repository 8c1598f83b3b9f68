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

    /** What separates two pieces of its text that more than one space lies between. */
    String between(String before, String after) {
        String spaced = before.substring(before.lastIndexOf(' ') + 1) + "  " + after.split(" ", 2)[0];
        for (String line : lines) {
            String bare = line.strip();
            if (bare.contains(spaced)) {
                return "  ";
            }
            if (line.startsWith(" ") && !bare.isEmpty() && after.startsWith(bare)) {
                return "\n" + line.substring(0, line.indexOf(bare));
            }
        }
        return "\n\n";
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

package dev.coracle.cli.lab;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A part of a lab's file. What it does not know is a typo, and is refused with its place. */
record Entry(String where, Unstructured fields) {
    static Entry of(String where, Object tree, Set<String> known) {
        if (!(tree instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(where + ": fields are expected, not " + Json.string(tree));
        }
        Unstructured fields = new Unstructured(Json.parseObject(Json.string(map)));
        for (String field : fields.map().keySet()) {
            if (!known.contains(field)) {
                throw new IllegalArgumentException(where + ": there is no field " + field + ", only " + known);
            }
        }
        return new Entry(where, fields);
    }

    String text(String field) {
        String text = fields.string(field);
        if (text.isBlank()) {
            throw new IllegalArgumentException(where + ": " + field + " is missing");
        }
        return text;
    }

    List<String> texts(String field) {
        return fields.stringList(field);
    }

    List<Entry> entries(String field, Set<String> known) {
        List<Entry> entries = new ArrayList<>();
        if (fields.get(field) instanceof List<?> list) {
            for (Object o : list) {
                entries.add(of(where + ": " + field + "[" + entries.size() + "]", o, known));
            }
        }
        return entries;
    }
}

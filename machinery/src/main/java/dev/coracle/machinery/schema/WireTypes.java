package dev.coracle.machinery.schema;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** How messages lie on the wire, from the generated {@code .wire} files; their format: the generator's {@code Writing}. */
final class WireTypes {
    /** A message's fields by number. */
    record Message(String name, Map<Integer, Field> fields) {}

    /**
     * @param type {@code string}, {@code int32}, a message's full name, or {@code map:} and one of those
     * @param inlined JSON has the message's fields in place of this one
     */
    record Field(String name, String type, boolean repeated, boolean inlined) {}

    private final Map<String, Map<String, Message>> packages = new ConcurrentHashMap<>();

    Optional<Message> message(String name) {
        int dot = name.lastIndexOf('.');
        return dot < 0
                ? Optional.empty()
                : Optional.ofNullable(packages.computeIfAbsent(name.substring(0, dot), WireTypes::read)
                        .get(name));
    }

    private static Map<String, Message> read(String packageName) {
        Map<String, Message> all = new HashMap<>();
        Message[] open = new Message[1];
        Resources.lines(packageName + ".wire", words -> {
            if (words[0].isEmpty()) {
                String label = words.length > 4 ? words[4] : "";
                open[0].fields()
                        .put(
                                Integer.valueOf(words[1]),
                                new Field(words[2], words[3], label.equals("[]"), label.equals("~")));
            } else {
                open[0] = new Message(words[0], new HashMap<>());
                all.put(words[0], open[0]);
            }
        });
        return all;
    }
}

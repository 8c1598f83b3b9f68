package dev.coracle.network;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a table of nft's holds, counted: whoever wrote it sees by this whether somebody else has flushed or deleted some of it.
 *
 * @param rules how many each chain has
 * @param elements how many each set and map has
 */
public record Listing(Map<String, Integer> rules, Map<String, Integer> elements) {
    private static final Pattern OPENING = Pattern.compile("(chain|set|map) (\\S+) \\{(.*)");
    private static final String ELEMENTS = "elements = {";

    public Listing {
        rules = Map.copyOf(rules);
        elements = Map.copyOf(elements);
    }

    /** Empty where there is no such table. */
    public static Optional<Listing> ofTable(String name) {
        HostCommand.Result listed = HostCommand.run("nft", "list table ip " + name);
        return listed.ok() ? Optional.of(of(listed.output())) : Optional.empty();
    }

    /** @param text as nft lists a table, one rule a line; a script that makes one may look the same */
    public static Listing of(String text) {
        Map<String, Integer> rules = new HashMap<>();
        Map<String, Integer> elements = new HashMap<>();
        Map<String, Integer> kind = rules;
        String block = null;
        boolean within = false;
        for (String line : (Iterable<String>) text.lines().map(String::strip)::iterator) {
            Matcher opening = OPENING.matcher(line);
            if (within) {
                within = count(line, block, elements);
            } else if (opening.matches()) {
                kind = opening.group(1).equals("chain") ? rules : elements;
                kind.put(opening.group(2), 0);
                block = opening.group(3).endsWith("}") ? null : opening.group(2);
            } else if (line.equals("}")) {
                block = null;
            } else if (block != null && kind == rules && !line.startsWith("type ") && !line.isEmpty()) {
                rules.merge(block, 1, Integer::sum);
            } else if (block != null && line.startsWith(ELEMENTS)) {
                elements.merge(block, 1, Integer::sum);
                within = count(line, block, elements);
            }
        }
        return new Listing(rules, elements);
    }

    /** @return whether the next line has more of them */
    private static boolean count(String line, @Nullable String block, Map<String, Integer> elements) {
        if (block != null) {
            elements.merge(block, (int) line.chars().filter(c -> c == ',').count(), Integer::sum);
        }
        return !line.endsWith("}");
    }
}

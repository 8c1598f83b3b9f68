package dev.coracle.cli.why;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The first cause of what does not work.
 *
 * @param about where the cause lies
 * @param code a word for programs, {@code ImageNotFound}
 * @param cause in one sentence
 * @param evidence what was seen, a line each
 * @param remedy the command that mends it, or shows more
 * @param way from what was asked about to {@code about}, both included
 */
public record Finding(
        Subject about, String code, String cause, List<String> evidence, String remedy, List<Subject> way) {
    Finding(Subject about, String code, String cause, List<String> evidence, String remedy) {
        this(about, code, cause, List.copyOf(evidence), remedy, List.of(about));
    }

    /** The same, found on the way from {@code start}. */
    Finding from(Subject start) {
        if (way.getFirst().equals(start)) {
            return this;
        }
        List<Subject> longer = new ArrayList<>(List.of(start));
        longer.addAll(way);
        return new Finding(about, code, cause, evidence, remedy, List.copyOf(longer));
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("object", json(about));
        json.put("code", code);
        json.put("cause", cause);
        json.put("evidence", evidence);
        json.put("remedy", remedy);
        json.put("way", way.stream().map(Finding::json).toList());
        return json;
    }

    private static Map<String, Object> json(Subject s) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kind", s.kind());
        json.put("namespace", s.namespace());
        json.put("name", s.name());
        return json;
    }
}

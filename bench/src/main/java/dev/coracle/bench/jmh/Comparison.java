package dev.coracle.bench.jmh;

import dev.coracle.bench.Figures;
import dev.coracle.bench.Table;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Scores beside those of their references. */
final class Comparison {
    private static final String REFERENCE = "Reference";

    /** @param perSecond the median of the iterations */
    record Score(String name, String parameters, double perSecond) {
        private String id() {
            return name + " " + parameters;
        }
    }

    private Comparison() {}

    static Table of(List<Score> scores) {
        Map<String, Double> byId = scores.stream().collect(Collectors.toMap(Score::id, Score::perSecond, (a, b) -> b));
        Table table = new Table(2, "benchmark", "", "per second", "reference", "ratio");
        for (Score s : scores) {
            if (!s.name().endsWith(REFERENCE)) {
                double reference = byId.getOrDefault(new Score(s.name() + REFERENCE, s.parameters(), 0).id(), 0.0);
                table.row(List.of(
                        s.name(),
                        s.parameters(),
                        Figures.number(s.perSecond()),
                        reference == 0 ? "" : Figures.number(reference),
                        Figures.ratio(s.perSecond(), reference)));
            }
        }
        return table;
    }
}

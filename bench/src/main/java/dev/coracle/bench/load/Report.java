package dev.coracle.bench.load;

import dev.coracle.bench.Figures;
import dev.coracle.bench.Table;
import dev.coracle.machinery.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Rows as a table for people or as JSON. Of two servers a third line has the ratio, first to second. */
final class Report {
    private static final List<Double> PERCENTILES = List.of(50.0, 90.0, 99.0, 99.9);

    private final List<Row> rows = new ArrayList<>();

    void add(Row row) {
        rows.add(row);
    }

    String table() {
        Table table = new Table(
                3, "operation", "lanes", "server", "per second", "p50 ms", "p90", "p99", "p99.9", "max", "errors");
        for (Row row : rows) {
            String operation = row.operation().name().toLowerCase(Locale.ROOT);
            for (Row.Result r : row.results()) {
                List<String> cells = new ArrayList<>(List.of(operation, "" + row.concurrency(), r.server()));
                figures(r.measured()).forEach(f -> cells.add(Figures.number(f)));
                cells.add(r.measured().errorCount() == 0 ? "0" : r.measured().errors());
                table.row(cells);
            }
            if (row.results().size() == 2) {
                List<String> cells = new ArrayList<>(List.of("", "", "ratio"));
                cells.addAll(ratios(row));
                cells.add("");
                table.row(cells);
            }
        }
        return table.toString();
    }

    private static List<String> ratios(Row row) {
        List<Double> ours = figures(row.results().get(0).measured());
        List<Double> reference = figures(row.results().get(1).measured());
        List<String> ratios = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            ratios.add(Figures.ratio(ours.get(i), reference.get(i)));
        }
        return ratios;
    }

    private static List<Double> figures(Measurement m) {
        List<Double> figures = new ArrayList<>(List.of(m.perSecond()));
        PERCENTILES.forEach(p -> figures.add(m.millis(p)));
        figures.add(m.maxMillis());
        return figures;
    }

    String json() {
        List<Object> all = new ArrayList<>();
        for (Row row : rows) {
            for (Row.Result r : row.results()) {
                Measurement m = r.measured();
                Map<String, Object> o = new LinkedHashMap<>();
                o.put("operation", row.operation().name().toLowerCase(Locale.ROOT));
                o.put("concurrency", (long) row.concurrency());
                o.put("server", r.server());
                o.put("count", m.count());
                o.put("perSecond", m.perSecond());
                Map<String, Object> millis = new LinkedHashMap<>();
                PERCENTILES.forEach(p -> millis.put("p" + (p % 1 == 0 ? "" + p.intValue() : "" + p), m.millis(p)));
                millis.put("max", m.maxMillis());
                o.put("millis", millis);
                o.put("errors", m.errorCount());
                o.put("errorsByKind", m.errors());
                all.add(o);
            }
        }
        return Json.string(all);
    }
}

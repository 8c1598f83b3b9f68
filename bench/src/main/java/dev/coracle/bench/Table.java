package dev.coracle.bench;

import java.util.ArrayList;
import java.util.List;

/** Columns as wide as what is in them; text to the left, figures to the right. */
public final class Table {
    private final int textColumns;
    private final List<List<String>> rows = new ArrayList<>();

    /** @param textColumns how many of the first columns are no figures */
    public Table(int textColumns, String... titles) {
        this.textColumns = textColumns;
        rows.add(List.of(titles));
    }

    public void row(List<String> cells) {
        if (cells.size() != rows.getFirst().size()) {
            throw new IllegalArgumentException("a row of " + cells.size() + " cells: " + cells);
        }
        rows.add(List.copyOf(cells));
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                String gap = " ".repeat(width(i) - row.get(i).length());
                line.append(i < textColumns ? row.get(i) + gap : gap + row.get(i))
                        .append("  ");
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private int width(int column) {
        return rows.stream().mapToInt(r -> r.get(column).length()).max().orElse(0);
    }
}

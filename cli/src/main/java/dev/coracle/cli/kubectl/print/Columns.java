package dev.coracle.cli.kubectl.print;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Lines in aligned columns, as Go's {@code text/tabwriter} lays them. A column is a run of adjacent lines that have a
 * cell there which is not their last; its width is its widest cell with the padding, and not less than the minimum.
 *
 * <pre>
 * NAME    READY      six columns at least, three blanks between
 * web-1   1/1
 * </pre>
 */
public final class Columns {
    private final int minimum;
    private final int padding;
    private final List<String[]> lines = new ArrayList<>();
    private final List<Integer> remembered = new ArrayList<>();

    private Columns(int minimum, int padding) {
        this.minimum = minimum;
        this.padding = padding;
    }

    /** As {@code kubectl get}: at least 6 wide, 3 blanks between. */
    public static Columns table() {
        return new Columns(6, 3);
    }

    /** As {@code kubectl describe}: 2 blanks between. */
    public static Columns description() {
        return new Columns(0, 2);
    }

    public Columns row(String... cells) {
        lines.add(cells);
        return this;
    }

    /** Cells separated by tabs; further lines in the text are lines of their own. */
    public Columns text(String tabbed) {
        for (String line : tabbed.split("\n", -1)) {
            lines.add(line.split("\t", -1));
        }
        return this;
    }

    /** Writes and forgets the lines; column widths only grow from one flush to the next. */
    public void flush(PrintStream out) {
        StringBuilder text = new StringBuilder();
        String[][] all = lines.toArray(String[][]::new);
        int[][] widths = new int[all.length][];
        for (int i = 0; i < all.length; i++) {
            widths[i] = new int[Math.max(0, all[i].length - 1)];
        }
        for (int i = 0; i < all.length; i++) {
            for (int c = 0; c < widths[i].length; c++) {
                if (widths[i][c] == 0) {
                    column(all, widths, i, c);
                }
            }
        }
        for (int i = 0; i < all.length; i++) {
            for (int c = 0; c < all[i].length; c++) {
                text.append(all[i][c]);
                if (c < widths[i].length) {
                    text.repeat(' ', Math.max(0, widths[i][c] - length(all[i][c])));
                }
            }
            text.append('\n');
        }
        out.print(text);
        out.flush();
        lines.clear();
    }

    private void column(String[][] all, int[][] widths, int from, int c) {
        int width = minimum;
        int end = from;
        for (; end < all.length && widths[end].length > c; end++) {
            width = Math.max(width, length(all[end][c]) + padding);
        }
        if (minimum > 0) {
            while (remembered.size() <= c) {
                remembered.add(0);
            }
            width = Math.max(width, remembered.get(c));
            remembered.set(c, width);
        }
        for (int i = from; i < end; i++) {
            widths[i][c] = width;
        }
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}

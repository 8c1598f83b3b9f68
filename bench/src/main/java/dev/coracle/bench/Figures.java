package dev.coracle.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Figures as people read them. */
public final class Figures {
    private Figures() {}

    /** The middle one; of an even number, the mean of the middle two. */
    public static double median(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured");
        }
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** {@code 1.25×}; {@code -} where there is nothing to divide by. */
    public static String ratio(double ours, double reference) {
        return reference > 0 && ours > 0 ? number(ours / reference) + "×" : "-";
    }

    /** Three digits that matter, and no point after a hundred: {@code 0.0123}, {@code 4.56}, {@code 1234}. */
    public static String number(double value) {
        if (value == 0) {
            return "0";
        }
        int whole = (int) Math.floor(Math.log10(Math.abs(value)));
        return String.format(Locale.ROOT, "%." + Math.clamp(2L - whole, 0, 6) + "f", value);
    }
}

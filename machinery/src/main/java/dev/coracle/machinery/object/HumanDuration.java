package dev.coracle.machinery.object;

import java.time.Duration;

/**
 * A duration as tables and descriptions tell it, by {@code duration.HumanDuration} of {@code k8s.io/apimachinery}:
 * {@code 5s}, {@code 3m20s}, {@code 45m}, {@code 5h3m}, {@code 2d4h}, {@code 9d}, {@code 3y12d}.
 */
public final class HumanDuration {
    private HumanDuration() {}

    public static String of(Duration d) {
        // Towards zero, as upstream: clocks that differ by less than two seconds make no age invalid.
        long s = d.toMillis() / 1000;
        if (s < -1) {
            return "<invalid>";
        }
        s = Math.max(0, s);
        if (s < 120) {
            return s + "s";
        }
        long m = s / 60;
        if (m < 10) {
            return two(m, "m", s % 60, "s");
        }
        if (m < 180) {
            return m + "m";
        }
        long h = m / 60;
        if (h < 8) {
            return two(h, "h", m % 60, "m");
        }
        if (h < 48) {
            return h + "h";
        }
        long days = h / 24;
        if (h < 192) {
            return two(days, "d", h % 24, "h");
        }
        if (days < 730) {
            return days + "d";
        }
        return days < 2920 ? two(days / 365, "y", days % 365, "d") : days / 365 + "y";
    }

    private static String two(long a, String unit, long b, String small) {
        return b == 0 ? a + unit : a + unit + b + small;
    }
}

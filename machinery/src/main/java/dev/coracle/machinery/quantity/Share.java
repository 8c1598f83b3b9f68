package dev.coracle.machinery.quantity;

import org.jspecify.annotations.Nullable;

/** A field that is a number or a percentage: upstream's {@code IntOrString} where it says how many of all. */
public final class Share {
    private Share() {}

    /**
     * How many that are: {@code 3} is three, {@code "25%"} of ten is two, or three when rounded {@code up}. What is
     * neither, as validation lets none pass, is none.
     */
    public static long of(@Nullable Object value, long total, boolean up) {
        if (value instanceof Number n) {
            return n.longValue();
        }
        if (value instanceof String s && s.matches("\\d{1,9}%")) {
            long hundredths = Long.parseLong(s.substring(0, s.length() - 1)) * total;
            return up ? Math.ceilDiv(hundredths, 100) : hundredths / 100;
        }
        return 0;
    }
}

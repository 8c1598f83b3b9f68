package dev.coracle.machinery.cron;

import java.util.List;
import java.util.Locale;

/**
 * Which values of a field fit.
 *
 * @param bits the bit of each
 * @param star whether every value fits because nothing was said: {@code *}, {@code ?}, and no steps
 */
record CronField(long bits, boolean star) {
    /** What a field counts, from where to where; names count from the least. */
    enum Kind {
        MINUTE(0, 59),
        HOUR(0, 23),
        DAY(1, 31),
        MONTH(1, 12, "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        WEEKDAY(0, 6, "sun", "mon", "tue", "wed", "thu", "fri", "sat");

        private final int least;
        private final int most;
        private final List<String> names;

        Kind(int least, int most, String... names) {
            this.least = least;
            this.most = most;
            this.names = List.of(names);
        }

        private long value(String text) {
            int name = names.indexOf(text.toLowerCase(Locale.ROOT));
            return name >= 0 ? least + name : number(text);
        }
    }

    boolean has(int value) {
        return (bits & 1L << value) != 0;
    }

    static CronField parse(String text, Kind kind) {
        long bits = 0;
        boolean star = false;
        for (String range : text.split(",")) {
            if (!range.isEmpty()) {
                CronField part = range(range, kind);
                bits |= part.bits;
                star |= part.star;
            }
        }
        return new CronField(bits, star);
    }

    private static CronField range(String text, Kind kind) {
        String[] parts = text.split("/", -1);
        String[] ends = parts[0].split("-", -1);
        boolean star = ends[0].equals("*") || ends[0].equals("?");
        long from = star ? kind.least : kind.value(ends[0]);
        long to = star ? kind.most : from;
        if (!star && ends.length == 2) {
            to = kind.value(ends[1]);
        } else if (!star && ends.length > 2) {
            throw new IllegalArgumentException("too many hyphens: " + text);
        }
        if (parts.length > 2) {
            throw new IllegalArgumentException("too many slashes: " + text);
        }
        long step = parts.length == 2 ? number(parts[1]) : 1;
        if (parts.length == 2 && ends.length == 1) {
            to = kind.most;
        }
        check(text, kind, from, to, step);
        long bits = 0;
        for (long i = from; i <= to; i += Math.min(step, kind.most + 1)) {
            bits |= 1L << i;
        }
        return new CronField(bits, star && step == 1);
    }

    private static void check(String text, Kind kind, long from, long to, long step) {
        if (from < kind.least) {
            throw new IllegalArgumentException(
                    "beginning of range (" + from + ") below minimum (" + kind.least + "): " + text);
        }
        if (to > kind.most) {
            throw new IllegalArgumentException("end of range (" + to + ") above maximum (" + kind.most + "): " + text);
        }
        if (from > to) {
            throw new IllegalArgumentException(
                    "beginning of range (" + from + ") beyond end of range (" + to + "): " + text);
        }
        if (step == 0) {
            throw new IllegalArgumentException("step of range should be a positive number: " + text);
        }
    }

    private static long number(String text) {
        long number;
        try {
            number = Long.parseLong(text);
        } catch (NumberFormatException e) {
            String why = text.matches("[-+]?[0-9]+") ? "value out of range" : "invalid syntax";
            throw new IllegalArgumentException(
                    "failed to parse int from " + text + ": strconv.Atoi: parsing \"" + text + "\": " + why, e);
        }
        if (number < 0) {
            throw new IllegalArgumentException("negative number (" + number + ") not allowed: " + text);
        }
        return number;
    }
}

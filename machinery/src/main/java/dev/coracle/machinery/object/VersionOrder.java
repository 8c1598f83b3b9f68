package dev.coracle.machinery.object;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code v10, v2, v1, v11beta2, v10beta3, v3beta1, v12alpha1, v11alpha2, foo1, foo10}: what clients prefer first. */
public final class VersionOrder {
    private static final Pattern NAME = Pattern.compile("v(\\d{1,9})(?:(alpha|beta)(\\d{1,9}))?");

    /** Of what a name says: whether it is one of this kind, its maturity, major and minor. */
    private record Rank(int maturity, int major, int minor) {}

    public static final Comparator<String> NEWEST_FIRST = Comparator.comparing(
                    VersionOrder::rank,
                    Comparator.comparingInt(Rank::maturity)
                            .thenComparing(Comparator.comparingInt(Rank::major).reversed())
                            .thenComparing(Comparator.comparingInt(Rank::minor).reversed()))
            .thenComparing(Comparator.naturalOrder());

    private VersionOrder() {}

    private static Rank rank(String version) {
        Matcher m = NAME.matcher(version);
        if (!m.matches()) {
            return new Rank(3, 0, 0);
        }
        int maturity = m.group(2) == null ? 0 : m.group(2).equals("beta") ? 1 : 2;
        int minor = m.group(3) == null ? 0 : Integer.parseInt(m.group(3));
        return new Rank(maturity, Integer.parseInt(m.group(1)), minor);
    }
}

package dev.coracle.network;

import java.util.regex.Pattern;

/** What is an IPv4 address. Whatever else an object holds must not get into a script that the kernel's tables are changed by. */
public final class Ipv4 {
    private static final Pattern ADDRESS = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");
    private static final Pattern BITS = Pattern.compile("3[0-2]|[12]?\\d");

    private Ipv4() {}

    public static boolean isAddress(String text) {
        return ADDRESS.matcher(text).matches();
    }

    /** Whether it is {@code ADDRESS/BITS}. */
    public static boolean isRange(String text) {
        int slash = text.indexOf('/');
        return slash > 0
                && isAddress(text.substring(0, slash))
                && BITS.matcher(text.substring(slash + 1)).matches();
    }
}

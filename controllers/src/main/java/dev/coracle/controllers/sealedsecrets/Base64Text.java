package dev.coracle.controllers.sealedsecrets;

import java.util.Base64;

/** Base64 as Go reads it: line ends within do not count, and what is wrong is told by its place. */
final class Base64Text {
    private Base64Text() {}

    /** @throws IllegalArgumentException in Go's words */
    static byte[] decode(String text) {
        String joined = text.replaceAll("[\r\n]", "");
        try {
            if (joined.length() % 4 == 0) {
                return Base64.getDecoder().decode(joined);
            }
        } catch (IllegalArgumentException e) {
            // Said below, with the place.
        }
        throw new IllegalArgumentException("illegal base64 data at input byte " + wrong(text));
    }

    /** The first character that is none of the alphabet's, or the end where some are missing. */
    private static int wrong(String text) {
        int at = 0;
        while (at < text.length() && isDigit(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isDigit(char c) {
        return c >= 'A' && c <= 'Z'
                || c >= 'a' && c <= 'z'
                || c >= '0' && c <= '9'
                || c == '+'
                || c == '/'
                || c == '\r'
                || c == '\n';
    }
}

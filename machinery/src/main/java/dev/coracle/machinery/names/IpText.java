package dev.coracle.machinery.names;

import java.net.InetAddress;
import java.util.Optional;

/** IP addresses that people write. */
public final class IpText {
    private IpText() {}

    /** As Go reads it: no names, no zones, four numbers without leading zeros. */
    public static Optional<InetAddress> parse(String text) {
        boolean four = text.matches("(0|[1-9]\\d{0,2})(\\.(0|[1-9]\\d{0,2})){3}");
        if (!four && !text.matches("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}

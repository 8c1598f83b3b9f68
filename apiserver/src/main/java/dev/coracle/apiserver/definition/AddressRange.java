package dev.coracle.apiserver.definition;

import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * {@code 10.9.8.0/24}: the addresses that begin with the same bits.
 *
 * @param address as it was written; what follows its first {@code bits} does not matter
 */
public record AddressRange(InetAddress address, int bits) {
    private static final String RULE = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

    public static Optional<AddressRange> parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("0|[1-9]\\d{0,2}")) {
            return Optional.empty();
        }
        int bits = Integer.parseInt(text.substring(slash + 1));
        return Addresses.parse(text.substring(0, slash))
                .filter(a -> bits <= 8 * a.getAddress().length)
                .map(a -> new AddressRange(a, bits));
    }

    /** What is wrong with what should be one, as older kinds have it: bits beyond the range's do not matter. */
    public static List<String> lenient(String text) {
        return parse(text).isPresent() ? List.of() : List.of(RULE);
    }

    /** What is wrong with what should be one, as newer kinds have it. */
    public static List<String> strict(String text) {
        return parse(text)
                .map(r -> r.beyond().signum() == 0
                        ? List.<String>of()
                        : List.of("must not have bits set beyond the prefix length"))
                .orElse(List.of(RULE));
    }

    public boolean isFour() {
        return address instanceof Inet4Address;
    }

    public boolean contains(InetAddress other) {
        return other.getAddress().length == address.getAddress().length
                && number(other).shiftRight(free()).equals(number(address).shiftRight(free()));
    }

    private BigInteger beyond() {
        return number(address).mod(BigInteger.ONE.shiftLeft(free()));
    }

    private int free() {
        return 8 * address.getAddress().length - bits;
    }

    private static BigInteger number(InetAddress a) {
        return new BigInteger(1, a.getAddress());
    }
}

package dev.coracle.network.proxy;

import dev.coracle.network.Ipv4;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A range of IPv4 addresses. @param address the first */
record Cidr(String address, int bits) {
    private static final int WIDTH = 32;

    /** Empty for anything else, such as a range of IPv6 addresses. */
    static Optional<Cidr> parse(String text) {
        if (!Ipv4.isRange(text)) {
            return Optional.empty();
        }
        int slash = text.indexOf('/');
        int bits = Integer.parseInt(text.substring(slash + 1));
        long mask = bits == 0 ? 0 : -1L << (WIDTH - bits);
        return Optional.of(new Cidr(text(number(text.substring(0, slash)) & mask), bits));
    }

    /** Without those that lie within others, which nft would refuse in one set. */
    static List<Cidr> apart(Collection<Cidr> ranges) {
        List<Cidr> apart = new ArrayList<>();
        for (Cidr one :
                ranges.stream().sorted(Comparator.comparingInt(Cidr::bits)).toList()) {
            if (apart.stream().noneMatch(wider -> wider.contains(one.address))) {
                apart.add(one);
            }
        }
        return apart;
    }

    boolean contains(String ip) {
        return bits == 0 || number(ip) >>> (WIDTH - bits) == number(address) >>> (WIDTH - bits);
    }

    private static long number(String ip) {
        long n = 0;
        for (String part : ip.split("\\.")) {
            n = n << Byte.SIZE | Integer.parseInt(part);
        }
        return n;
    }

    private static String text(long number) {
        return (number >> 24 & 255) + "." + (number >> 16 & 255) + "." + (number >> 8 & 255) + "." + (number & 255);
    }

    @Override
    public String toString() {
        return address + "/" + bits;
    }
}

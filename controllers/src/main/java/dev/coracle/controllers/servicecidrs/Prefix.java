package dev.coracle.controllers.servicecidrs;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.List;

/**
 * {@code 10.96.0.0/16}, as the server has checked it.
 *
 * @param network the first address
 * @param length of an address, in bits
 * @param bits how many of them all addresses begin with
 */
record Prefix(BigInteger network, int length, int bits) {
    static Prefix of(String cidr) {
        int slash = cidr.indexOf('/');
        byte[] address = InetAddress.ofLiteral(cidr.substring(0, slash)).getAddress();
        return new Prefix(new BigInteger(1, address), 8 * address.length, Integer.parseInt(cidr.substring(slash + 1)));
    }

    static List<Prefix> all(List<String> cidrs) {
        return cidrs.stream().map(Prefix::of).toList();
    }

    private BigInteger end() {
        return network.add(BigInteger.ONE.shiftLeft(length - bits));
    }

    /** Whether a Service may have the address from here: not the network's own, nor an IPv4 broadcast address. */
    boolean contains(InetAddress ip) {
        BigInteger n = new BigInteger(1, ip.getAddress());
        BigInteger last = length == 32 ? end().subtract(BigInteger.ONE) : end();
        return 8 * ip.getAddress().length == length && n.compareTo(network) > 0 && n.compareTo(last) < 0;
    }

    boolean contains(Prefix other) {
        return bits <= other.bits && overlaps(other);
    }

    boolean overlaps(Prefix other) {
        return length == other.length && network.compareTo(other.end()) < 0 && other.network.compareTo(end()) < 0;
    }
}

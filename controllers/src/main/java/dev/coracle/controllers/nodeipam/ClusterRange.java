package dev.coracle.controllers.nodeipam;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.BitSet;
import java.util.Collection;

/**
 * All addresses that pods may have, and how they are cut: {@code 10.244.0.0/16} with masks of 24 bits is 256 ranges, of
 * which number 3 is {@code 10.244.3.0/24}.
 */
public final class ClusterRange {
    /** What is kept of a range is a bit. */
    private static final int MOST_BITS = 16;

    private final Block whole;
    private final int mask;

    /** Addresses that begin with the same bits. */
    private record Block(BigInteger first, int length, int bits) {
        static Block of(String cidr) {
            int slash = cidr.indexOf('/');
            byte[] address = InetAddress.ofLiteral(cidr.substring(0, slash)).getAddress();
            int length = 8 * address.length;
            int bits = Integer.parseInt(cidr.substring(slash + 1));
            BigInteger first = new BigInteger(1, address);
            return new Block(first.shiftRight(length - bits).shiftLeft(length - bits), length, bits);
        }

        BigInteger end() {
            return first.add(BigInteger.ONE.shiftLeft(length - bits));
        }
    }

    /** @throws IllegalArgumentException where there are no addresses for a node, or too many nodes to count */
    public ClusterRange(String cidr, int mask) {
        this.whole = Block.of(cidr);
        this.mask = mask;
        if (mask < whole.bits() || mask > whole.length()) {
            throw new IllegalArgumentException(
                    "the node CIDR mask /" + mask + " does not cut the cluster CIDR " + cidr);
        }
        if (mask - whole.bits() > MOST_BITS) {
            throw new IllegalArgumentException("New CIDR set failed; the node CIDR size is too big");
        }
    }

    /** How many nodes it is enough for. */
    int size() {
        return 1 << (mask - whole.bits());
    }

    /** Which ranges hold addresses of any of these; what is no range of these addresses takes none. */
    BitSet taken(Collection<String> cidrs) {
        BitSet taken = new BitSet(size());
        for (String cidr : cidrs) {
            Block other = Block.of(cidr);
            if (other.length() == whole.length()
                    && other.first().compareTo(whole.end()) < 0
                    && whole.first().compareTo(other.end()) < 0) {
                taken.set(
                        number(other.first().max(whole.first())),
                        number(other.end().min(whole.end()).subtract(BigInteger.ONE)) + 1);
            }
        }
        return taken;
    }

    private int number(BigInteger address) {
        return address.subtract(whole.first()).shiftRight(whole.length() - mask).intValueExact();
    }

    String cidr(int number) {
        BigInteger first = whole.first().add(BigInteger.valueOf(number).shiftLeft(whole.length() - mask));
        byte[] bytes = new byte[whole.length() / 8];
        for (int i = bytes.length - 1; i >= 0; i--) {
            bytes[i] = first.byteValue();
            first = first.shiftRight(8);
        }
        return text(bytes) + "/" + mask;
    }

    private static String text(byte[] bytes) {
        try {
            String plain = InetAddress.getByAddress(bytes).getHostAddress();
            // A range's first address ends in zeros, and that is the run to leave out.
            return bytes.length == 4
                    ? plain
                    : plain.replaceFirst("(:0)+$", "::").replaceFirst("^0::$", "::");
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}

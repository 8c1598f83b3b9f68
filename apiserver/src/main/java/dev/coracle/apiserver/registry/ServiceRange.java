package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.definition.AddressRange;
import dev.coracle.apiserver.definition.Addresses;
import dev.coracle.machinery.env.Entropy;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/**
 * The IPv4 addresses of one range that Services may have: all but the network's own and the broadcast address. Of {@code
 * 10.96.0.0/28} that is {@code 10.96.0.1} to {@code 10.96.0.14}.
 *
 * @param network the first address, as a number
 * @param size how many addresses Services may have
 */
record ServiceRange(long network, long size) {
    /** Random ones first, so that an address is not given to the next Service as soon as it is free. */
    private static final int TRIES = 50;

    /** Empty for a range of the other family, which this cluster's Services do not have. */
    static Optional<ServiceRange> of(String cidr) {
        return AddressRange.parse(cidr).filter(AddressRange::isFour).map(r -> {
            long all = 1L << (32 - r.bits());
            return new ServiceRange(number(r.address().getAddress()) / all * all, Math.max(0, all - 2));
        });
    }

    private static long number(byte[] address) {
        long n = 0;
        for (byte b : address) {
            n = n << 8 | b & 0xff;
        }
        return n;
    }

    boolean contains(String ip) {
        return Addresses.parse(ip)
                .filter(a -> a.getAddress().length == 4)
                .map(a -> number(a.getAddress()) - network)
                .filter(n -> n >= 1 && n <= size)
                .isPresent();
    }

    /**
     * Any address that is free. The lower ones are given out last: they are left to those that are asked for by name
     * (KEP-3070).
     */
    Optional<String> free(Entropy entropy, Predicate<String> taken) {
        long low = reserved();
        for (int i = 0; i < TRIES && size > low; i++) {
            String ip = address(1 + low + entropy.nextInt((int) Math.min(size - low, Integer.MAX_VALUE)));
            if (!taken.test(ip)) {
                return Optional.of(ip);
            }
        }
        return LongStream.concat(LongStream.rangeClosed(low + 1, size), LongStream.rangeClosed(1, low))
                .mapToObj(this::address)
                .filter(ip -> !taken.test(ip))
                .findFirst();
    }

    /** A sixteenth, between 16 and 256; none of a range that is too small for that. */
    private long reserved() {
        return size < 16 ? 0 : Math.clamp((size + 2) / 16, 16, 256);
    }

    private String address(long n) {
        long a = network + n;
        return (a >> 24) + "." + (a >> 16 & 255) + "." + (a >> 8 & 255) + "." + (a & 255);
    }
}

package dev.coracle.network.ingress;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Addresses that are let in, or kept out: {@code 10.0.0.0/8,192.0.2.7}. */
record SourceRanges(List<Range> ranges) {
    static final SourceRanges NONE = new SourceRanges(List.of());

    private record Range(byte[] network, int bits) {
        boolean contains(byte[] address) {
            if (address.length != network.length) {
                return false;
            }
            for (int i = 0; i < bits; i++) {
                int mask = 0x80 >> (i % 8);
                if ((address[i / 8] & mask) != (network[i / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Empty where something stands that is no range: then it is not known who may come, so nobody does. */
    static Optional<SourceRanges> parse(String text) {
        List<Range> ranges = new ArrayList<>();
        for (String part : text.split(",")) {
            String range = part.strip();
            int slash = range.indexOf('/');
            String prefix = slash < 0 ? "" : range.substring(slash + 1);
            try {
                byte[] network = InetAddress.ofLiteral(slash < 0 ? range : range.substring(0, slash))
                        .getAddress();
                int bits = slash < 0 ? network.length * 8 : Integer.parseInt(prefix);
                if (bits < 0 || bits > network.length * 8) {
                    return Optional.empty();
                }
                ranges.add(new Range(network, bits));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
        return Optional.of(new SourceRanges(List.copyOf(ranges)));
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        return ranges.stream().anyMatch(r -> r.contains(bytes));
    }
}

package dev.coracle.apiserver.definition;

import dev.coracle.machinery.names.IpText;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What may be an IP address, and where traffic may go. Each answers with what is wrong, or with nothing. */
public final class Addresses {
    private Addresses() {}

    /** As Go reads it: no names, no zones, four numbers without leading zeros. */
    public static Optional<InetAddress> parse(String text) {
        return IpText.parse(text);
    }

    public static List<String> any(String text) {
        return parse(text).isPresent()
                ? List.of()
                : List.of("must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
    }

    public static List<String> four(String text) {
        return parse(text).filter(a -> a instanceof Inet4Address).isPresent()
                ? List.of()
                : List.of("must be a valid IPv4 address");
    }

    public static List<String> six(String text) {
        return parse(text).filter(a -> !(a instanceof Inet4Address)).isPresent()
                ? List.of()
                : List.of("must be a valid IPv6 address");
    }

    /**
     * A node that forwards traffic would send it to itself for these, past what guards the pods: to what listens on its
     * loopback, and to the metadata services of clouds.
     */
    public static List<String> endpoint(String text) {
        Optional<InetAddress> parsed = parse(text);
        if (parsed.isEmpty()) {
            return List.of("must be a valid IP address");
        }
        InetAddress a = parsed.get();
        List<String> errors = new ArrayList<>();
        if (a.isAnyLocalAddress()) {
            errors.add("may not be unspecified (" + text + ")");
        }
        if (a.isLoopbackAddress()) {
            errors.add("may not be in the loopback range (127.0.0.0/8, ::1/128)");
        }
        if (a.isLinkLocalAddress()) {
            errors.add("may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }
        if (isLinkLocalMulticast(a)) {
            errors.add("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
        }
        return errors;
    }

    private static boolean isLinkLocalMulticast(InetAddress a) {
        byte[] b = a.getAddress();
        return a instanceof Inet4Address ? (b[0] & 0xff) == 224 && b[1] == 0 && b[2] == 0 : a.isMCLinkLocal();
    }
}

package dev.coracle.machinery.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.names.IpText;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Upstream's {@code kubernetes.urls}, {@code kubernetes.net.ip} and {@code net.cidr}. */
final class NetFunctions {
    private static final CelType URL = OpaqueType.create("kubernetes.URL");
    private static final CelType IP = OpaqueType.create("net.IP");
    private static final CelType CIDR = OpaqueType.create("net.CIDR");
    private static final CelType TEXT = SimpleType.STRING;
    private static final CelType BOOL = SimpleType.BOOL;
    private static final CelType INT = SimpleType.INT;

    private NetFunctions() {}

    static void addTo(Functions f) {
        urls(f);
        addresses(f);
        blocks(f);
    }

    // ---- URLs

    private static void urls(Functions f) {
        f.global("isURL", "is_url_string", BOOL, TEXT, String.class, Formats::uri)
                .global("url", "string_to_url", URL, TEXT, String.class, s -> {
                    if (!Formats.uri(s)) {
                        throw new IllegalArgumentException("URL parse error during conversion from string: parse "
                                + Json.string(s) + ": invalid URI for request");
                    }
                    return URI.create(s);
                })
                .member("getScheme", "url_get_scheme", TEXT, URL, URI.class, u -> text(u.getScheme()))
                .member("getHost", "url_get_host", TEXT, URL, URI.class, u -> hostAndPort(u))
                .member(
                        "getHostname",
                        "url_get_hostname",
                        TEXT,
                        URL,
                        URI.class,
                        u -> text(u.getHost()).replaceAll("[\\[\\]]", ""))
                .member(
                        "getPort",
                        "url_get_port",
                        TEXT,
                        URL,
                        URI.class,
                        u -> u.getPort() < 0 ? "" : String.valueOf(u.getPort()))
                .member("getEscapedPath", "url_get_escaped_path", TEXT, URL, URI.class, u -> text(u.getRawPath()))
                .member(
                        "getQuery",
                        "url_get_query",
                        MapType.create(TEXT, ListType.create(TEXT)),
                        URL,
                        URI.class,
                        NetFunctions::query);
    }

    private static String text(@Nullable String s) {
        return s == null ? "" : s;
    }

    private static String hostAndPort(URI u) {
        return text(u.getHost()) + (u.getPort() < 0 ? "" : ":" + u.getPort());
    }

    private static Map<String, List<String>> query(URI u) {
        Map<String, List<String>> query = new LinkedHashMap<>();
        String raw = text(u.getRawQuery());
        if (raw.isEmpty()) {
            return query;
        }
        for (String pair : raw.split("&")) {
            String[] parts = pair.split("=", 2);
            query.computeIfAbsent(decoded(parts[0]), k -> new ArrayList<>())
                    .add(parts.length > 1 ? decoded(parts[1]) : "");
        }
        return query;
    }

    private static String decoded(String s) {
        try {
            return URLDecoder.decode(s, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return s;
        }
    }

    // ---- IP addresses

    /** An address that is what it is in one family: none with a zone, none of the other family in disguise. */
    record Ip(InetAddress address) {
        static Ip parse(String s) {
            return new Ip(IpText.parse(s)
                    .filter(a -> !(a instanceof Inet4Address && s.contains(":")))
                    .orElseThrow(() -> new IllegalArgumentException("IP Address " + Json.string(s)
                            + " parse error during conversion from string: ParseAddr(" + Json.string(s)
                            + "): unable to parse IP")));
        }

        static boolean is(String s) {
            return IpText.parse(s)
                    .filter(a -> !(a instanceof Inet4Address && s.contains(":")))
                    .isPresent();
        }

        boolean isFour() {
            return address instanceof Inet4Address;
        }

        boolean isLinkLocalMulticast() {
            byte[] b = address.getAddress();
            return isFour() ? (b[0] & 0xff) == 224 && b[1] == 0 && b[2] == 0 : address.isMCLinkLocal();
        }

        boolean isBroadcast() {
            return isFour() && address.getHostAddress().equals("255.255.255.255");
        }

        boolean isGlobalUnicast() {
            return !address.isAnyLocalAddress()
                    && !address.isLoopbackAddress()
                    && !address.isMulticastAddress()
                    && !address.isLinkLocalAddress()
                    && !isBroadcast();
        }

        @Override
        public String toString() {
            return isFour() ? address.getHostAddress() : Six.text(address.getAddress());
        }
    }

    /** RFC 5952: the longest run of zeros is left out. */
    private static final class Six {
        static String text(byte[] b) {
            int[] words = new int[8];
            for (int i = 0; i < 8; i++) {
                words[i] = (b[2 * i] & 0xff) << 8 | b[2 * i + 1] & 0xff;
            }
            int begin = -1;
            int length = 1;
            for (int i = 0; i < 8; i++) {
                int end = i;
                while (end < 8 && words[end] == 0) {
                    end++;
                }
                if (end - i > length) {
                    begin = i;
                    length = end - i;
                }
                i = Math.max(i, end - 1);
            }
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 8; i++) {
                if (i == begin) {
                    text.append("::");
                    i += length - 1;
                } else {
                    text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":")
                            .append(Integer.toHexString(words[i]));
                }
            }
            return text.toString();
        }
    }

    private static void addresses(Functions f) {
        f.global("isIP", "is_ip", BOOL, TEXT, String.class, Ip::is)
                .global("ip", "string_to_ip", IP, TEXT, String.class, Ip::parse)
                .global(
                        "ip.isCanonical",
                        "ip_is_canonical",
                        BOOL,
                        TEXT,
                        String.class,
                        s -> Ip.parse(s).toString().equals(s))
                .global("string", "ip_to_string", TEXT, IP, Ip.class, Ip::toString)
                .member("family", "ip_family", INT, IP, Ip.class, ip -> ip.isFour() ? 4L : 6L)
                .member(
                        "isUnspecified",
                        "ip_is_unspecified",
                        BOOL,
                        IP,
                        Ip.class,
                        ip -> ip.address().isAnyLocalAddress())
                .member(
                        "isLoopback",
                        "ip_is_loopback",
                        BOOL,
                        IP,
                        Ip.class,
                        ip -> ip.address().isLoopbackAddress())
                .member(
                        "isLinkLocalMulticast",
                        "ip_is_link_local_multicast",
                        BOOL,
                        IP,
                        Ip.class,
                        Ip::isLinkLocalMulticast)
                .member(
                        "isLinkLocalUnicast",
                        "ip_is_link_local_unicast",
                        BOOL,
                        IP,
                        Ip.class,
                        ip -> ip.address().isLinkLocalAddress())
                .member("isGlobalUnicast", "ip_is_global_unicast", BOOL, IP, Ip.class, Ip::isGlobalUnicast);
    }

    // ---- blocks of addresses

    /** An address and how many of its bits are the network's. */
    record Cidr(Ip ip, int bits) {
        static Cidr parse(String s) {
            if (!Formats.cidr(s)) {
                throw new IllegalArgumentException("network address parse error during conversion from string:"
                        + " network address parse error during conversion from string: netip.ParsePrefix("
                        + Json.string(s) + "): no '/'");
            }
            int slash = s.indexOf('/');
            return new Cidr(Ip.parse(s.substring(0, slash)), Integer.parseInt(s.substring(slash + 1)));
        }

        boolean contains(Ip other) {
            return ip.isFour() == other.isFour() && masked(other).equals(masked(ip));
        }

        boolean contains(Cidr other) {
            return bits <= other.bits && contains(other.ip);
        }

        Cidr masked() {
            return new Cidr(masked(ip), bits);
        }

        private Ip masked(Ip other) {
            byte[] b = other.address().getAddress().clone();
            for (int i = 0; i < b.length; i++) {
                int kept = Math.max(0, Math.min(8, bits - i * 8));
                b[i] &= (byte) (0xff << 8 - kept);
            }
            try {
                return new Ip(InetAddress.getByAddress(b));
            } catch (java.net.UnknownHostException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public String toString() {
            return ip + "/" + bits;
        }
    }

    private static void blocks(Functions f) {
        f.global("isCIDR", "is_cidr", BOOL, TEXT, String.class, Formats::cidr)
                .global("cidr", "string_to_cidr", CIDR, TEXT, String.class, Cidr::parse)
                .global("string", "cidr_to_string", TEXT, CIDR, Cidr.class, Cidr::toString)
                .member(
                        "containsIP",
                        "cidr_contains_ip_string",
                        BOOL,
                        CIDR,
                        Cidr.class,
                        TEXT,
                        String.class,
                        (c, s) -> c.contains(Ip.parse(s)))
                .member("containsIP", "cidr_contains_ip_ip", BOOL, CIDR, Cidr.class, IP, Ip.class, Cidr::contains)
                .member(
                        "containsCIDR",
                        "cidr_contains_cidr_string",
                        BOOL,
                        CIDR,
                        Cidr.class,
                        TEXT,
                        String.class,
                        (c, s) -> c.contains(Cidr.parse(s)))
                .member("containsCIDR", "cidr_contains_cidr", BOOL, CIDR, Cidr.class, CIDR, Cidr.class, Cidr::contains)
                .member("ip", "cidr_ip", IP, CIDR, Cidr.class, Cidr::ip)
                .member("prefixLength", "cidr_prefix_length", INT, CIDR, Cidr.class, c -> (long) c.bits())
                .member("masked", "cidr_masked", CIDR, CIDR, Cidr.class, Cidr::masked);
    }
}

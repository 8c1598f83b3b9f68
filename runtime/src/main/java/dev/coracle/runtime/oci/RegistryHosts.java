package dev.coracle.runtime.oci;

import java.net.URI;
import java.util.List;

/** Which hosts belong together, and which are this machine. */
final class RegistryHosts {
    /** Docker Hub's registry, and who gives out tokens for it. */
    private static final String HUB = "registry-1.docker.io";

    private RegistryHosts() {}

    /** Plain HTTP is spoken to registries on this machine only, as Docker and containerd do. */
    static boolean isLoopback(String host) {
        String name = host.replaceFirst(":[0-9]+$", "");
        return name.equals("localhost") || name.equals("[::1]") || name.matches("127(\\.[0-9]{1,3}){3}");
    }

    /** Whether what is sent there can be read on the way by nobody. */
    static boolean isPrivate(URI uri, String registry) {
        String host = uri.getHost();
        return host != null
                && ("https".equals(uri.getScheme())
                        || "http".equals(uri.getScheme()) && isLoopback(host) && isLoopback(registry));
    }

    /**
     * Whether a registry's password may be told to the realm that its challenge names. Any registry can name any realm,
     * so only one of the same owner is told: the same host, or one under the same domain, as {@code gitlab.example.com}
     * is with {@code registry.example.com}.
     */
    static boolean mayKnow(String realm, String registry) {
        String host = registry.replaceFirst(":[0-9]+$", "");
        return realm.equalsIgnoreCase(host)
                || host.equals(HUB) && realm.equalsIgnoreCase("auth.docker.io")
                || !domain(host).isEmpty() && domain(host).equalsIgnoreCase(domain(realm));
    }

    /** What somebody registered: {@code a.example.com} is of {@code example.com}; {@code ""} for addresses. */
    private static String domain(String host) {
        List<String> labels = List.of(host.split("\\."));
        int n = labels.size();
        if (n < 2 || host.contains(":") || labels.getLast().chars().allMatch(Character::isDigit)) {
            return "";
        }
        // Under co.uk, com.au and their like everybody has a third label.
        boolean shared = labels.getLast().length() == 2 && labels.get(n - 2).length() <= 3;
        int own = shared ? 3 : 2;
        return n < own ? "" : String.join(".", labels.subList(n - own, n));
    }
}

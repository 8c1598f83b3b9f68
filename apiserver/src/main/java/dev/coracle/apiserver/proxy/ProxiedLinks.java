package dev.coracle.apiserver.proxy;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * What a link of a page must be for a client that came through the proxy: one that leads to the same host goes on through it.
 *
 * @param prefix the path of the proxy: {@code /api/v1/namespaces/default/services/web/proxy}
 * @param backend host and port of the other side
 * @param host that the client asked
 */
record ProxiedLinks(String prefix, String backend, String host) {
    String of(String link) {
        URI uri;
        try {
            uri = new URI(link);
        } catch (URISyntaxException e) {
            return link;
        }
        String authority = uri.getRawAuthority();
        String path = uri.getRawPath();
        boolean elsewhere = authority != null && !authority.equals(backend) && !authority.equals(host);
        if (elsewhere || path == null || !path.startsWith("/") || path.startsWith(prefix)) {
            return link;
        }
        StringBuilder out = new StringBuilder(authority == null ? "" : "https://" + host)
                .append(prefix)
                .append(path);
        if (uri.getRawQuery() != null) {
            out.append('?').append(uri.getRawQuery());
        }
        if (uri.getRawFragment() != null) {
            out.append('#').append(uri.getRawFragment());
        }
        return out.toString();
    }
}

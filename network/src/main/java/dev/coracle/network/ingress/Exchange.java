package dev.coracle.network.ingress;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A request and what became of it. */
final class Exchange {
    private static final Pattern AUTHORITY =
            Pattern.compile("([A-Za-z0-9._~!$&'()*+,;=%-]+|\\[[0-9A-Fa-f:.]+])(:[0-9]{0,5})?");
    private static final Set<String> METHODS_TO_REPEAT = Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE");

    final Head request;
    final Wire client;
    final long since;
    final List<String> tried = new ArrayList<>();
    String method = "";
    /** As it came, path and query; {@code path} is the path alone. */
    String target = "";

    String path = "";
    int rawPathLength;
    /** The host as the client named it, with its port. */
    String authority = "";

    String host = "";
    int minor = 1;
    boolean keepAlive = true;
    String asked = "";
    byte @Nullable [] replay;
    String upstreamName = "";
    boolean answered;
    int failure = 502;
    int status = 400;
    long sent;

    Exchange(Head request, Wire client, long since) {
        this.request = request;
        this.client = client;
        this.since = since;
    }

    boolean repeatable() {
        return replay != null && METHODS_TO_REPEAT.contains(method);
    }

    /** @throws Head.Malformed also when the request could mean different things to different readers */
    void parse() throws Head.Malformed {
        String[] words = request.start.split(" ", -1);
        if (words.length != 3
                || !words[2].matches("HTTP/1\\.[01]")
                || !words[0].matches("[A-Z-]{1,32}")
                || words[1].indexOf('\t') >= 0) {
            throw new Head.Malformed(400, "request line");
        }
        method = words[0];
        minor = words[2].charAt(7) - '0';
        target = words[1];
        authority = authority();
        if (!target.startsWith("/")) {
            throw new Head.Malformed(400, "request target");
        }
        int question = target.indexOf('?');
        rawPathLength = question < 0 ? target.length() : question;
        path = Paths.normal(target.substring(0, rawPathLength));
        int colon = authority.lastIndexOf(':');
        host = (colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority)
                .toLowerCase(Locale.ROOT);
        keepAlive = minor == 1 && !request.has("connection", "close");
    }

    /**
     * Whom the client asks. There must be no two answers to that: a front that routes by one and a pod that believes
     * the other are how somebody gets to a host that is not his.
     */
    private String authority() throws Head.Malformed {
        List<String> hosts = request.all("host");
        if (hosts.size() > 1 || hosts.isEmpty() && minor == 1) {
            throw new Head.Malformed(400, hosts.isEmpty() ? "no host" : "duplicate host");
        }
        String authority = hosts.isEmpty() ? "" : hosts.getFirst();
        if (target.matches("(?i)https?://.*")) {
            int begin = target.indexOf("//") + 2;
            int end = begin;
            while (end < target.length() && "/?".indexOf(target.charAt(end)) < 0) {
                end++;
            }
            String named = target.substring(begin, end);
            if (!hosts.isEmpty() && !named.equalsIgnoreCase(authority)) {
                throw new Head.Malformed(400, "request target and host differ");
            }
            authority = named;
            target = target.startsWith("/", end) ? target.substring(end) : "/" + target.substring(end);
        } else if (hosts.isEmpty()) {
            return "";
        }
        if (!AUTHORITY.matcher(authority).matches()) {
            throw new Head.Malformed(400, "host");
        }
        return authority;
    }
}

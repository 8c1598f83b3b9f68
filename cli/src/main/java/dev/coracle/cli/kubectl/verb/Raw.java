package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** {@code --raw}: one request for a path as it is written, and the answer as it comes. */
final class Raw {
    private static final String ACCEPT = Session.JSON + ", */*";
    /** What a URI may hold as it is, besides letters and digits. */
    private static final String PLAIN = "-._~!$&'()*+,;=:@/%?[]";

    private Raw() {}

    /** Whether it was asked for; an empty path is none. */
    static boolean is(Flags.Line line) {
        return !line.get("raw").isEmpty();
    }

    /** What all verbs that send a file refuse. */
    static void check(Flags.Line line, boolean fileNeeded) {
        List<String> files = line.all("filename");
        if (files.size() > 1 || files.isEmpty() && fileNeeded) {
            throw new Failure("--raw can only use a single local file or stdin");
        }
        if (files.stream().anyMatch(f -> f.startsWith("http://") || f.startsWith("https://"))) {
            throw new Failure("--raw cannot read from a url");
        }
        if (line.on("recursive")) {
            throw new Failure("--raw and --recursive are mutually exclusive");
        }
        checkPath(line);
    }

    static void checkPath(Flags.Line line) {
        if (!line.get("output").isEmpty()) {
            throw new Failure("--raw and --output are mutually exclusive");
        }
        String uri = line.get("raw");
        String wrong = wrong(uri);
        if (!wrong.isEmpty()) {
            throw new Failure("--raw must be a valid URL path: parse \"" + uri + "\": " + wrong);
        }
    }

    /** Sends the file that {@code -f} names, if any. */
    static int send(Session session, Flags.Line line, String method) throws IOException {
        String file = line.get("filename");
        byte[] body = new byte[0];
        if (file.equals("-")) {
            body = session.in().readAllBytes();
        } else if (!file.isEmpty()) {
            if (!Files.exists(Path.of(file))) {
                throw new Failure("open " + file + ": no such file or directory");
            }
            body = Files.readAllBytes(Path.of(file));
        }
        String type = file.isEmpty() ? "" : Session.JSON;
        session.out().write(session.connection().exchange(method, path(line.get("raw")), ACCEPT, type, body));
        return 0;
    }

    /** Shown as it comes, for it may be a watch. */
    static int get(Session session, Flags.Line line) throws IOException {
        try (InputStream in = session.connection().stream(path(line.get("raw")), ACCEPT)) {
            byte[] piece = new byte[16 * 1024];
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                session.out().write(piece, 0, n);
                session.out().flush();
            }
        }
        return 0;
    }

    /** Why Go's {@code url.ParseRequestURI} would not have it; {@code ""} where it would. */
    private static String wrong(String uri) {
        if (uri.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            return "net/url: invalid control character in URL";
        }
        if (uri.startsWith(":")) {
            return "missing protocol scheme";
        }
        String rest = uri.replaceFirst("^[A-Za-z][A-Za-z0-9+.-]*:", "").replaceFirst("\\?.*", "");
        if (!rest.startsWith("/")) {
            return rest.length() < uri.replaceFirst("\\?.*", "").length() ? "" : "invalid URI for request";
        }
        for (int i = rest.indexOf('%'); i >= 0; i = rest.indexOf('%', i + 1)) {
            if (!rest.substring(i).matches("%[0-9A-Fa-f]{2}.*")) {
                return "invalid URL escape \"" + rest.substring(i, Math.min(rest.length(), i + 3)) + "\"";
            }
        }
        return "";
    }

    /** What of the URI is sent: no server, for that is the kubeconfig's, and nothing that is no URI. */
    private static String path(String uri) {
        String rest = uri.replaceFirst("^[A-Za-z][A-Za-z0-9+.-]*:", "")
                .replaceFirst("^//[^/?]*", "")
                .replaceFirst("#.*", "");
        int question = rest.indexOf('?');
        String path = question < 0 ? rest : rest.substring(0, question);
        String query = question < 0
                ? ""
                : Arrays.stream(rest.substring(question + 1).split("&"))
                        .filter(p -> !p.isEmpty()
                                && !p.replaceAll("%[0-9A-Fa-f]{2}", "").contains("%"))
                        .collect(Collectors.joining("&"));
        return escaped((path.startsWith("/") ? path : "/") + (query.isEmpty() ? "" : "?" + query));
    }

    private static String escaped(String text) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0);
            out.append(plain ? "" + c : "%%%02X".formatted((int) c));
        }
        return out.toString();
    }
}

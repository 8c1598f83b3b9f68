package dev.coracle.kubelet.probe;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** Real probes: commands through the runtime, HTTP and TCP straight to the pod's address. Words as Go's net package. */
public final class NetworkProber implements Prober {
    private static final int LONGEST_OUTPUT = 10 << 10;

    private final RuntimeService runtime;

    public NetworkProber(RuntimeService runtime) {
        this.runtime = runtime;
    }

    @Override
    public Answer ask(Question q) {
        Unstructured h = q.handler();
        int timeout = (int) Math.max(1, h.integer(1, "timeoutSeconds")) * 1000;
        if (h.has("exec")) {
            return exec(q, timeout);
        }
        if (h.has("httpGet")) {
            return http(q, h.object("httpGet"), timeout);
        }
        if (h.has("tcpSocket")) {
            return tcp(q, h.object("tcpSocket"), timeout);
        }
        return new Answer(false, "missing probe handler: only exec, httpGet and tcpSocket are supported");
    }

    private Answer exec(Question q, int timeout) {
        try {
            var result = runtime.execSync(
                    q.containerId(), q.handler().stringList("exec", "command"), Duration.ofMillis(timeout));
            var all = new ByteArrayOutputStream();
            all.writeBytes(result.stdout());
            all.writeBytes(result.stderr());
            String text = all.toString(StandardCharsets.UTF_8);
            return new Answer(
                    result.exitCode() == 0, text.length() > LONGEST_OUTPUT ? text.substring(0, LONGEST_OUTPUT) : text);
        } catch (CriException e) {
            return new Answer(false, String.valueOf(e.getMessage()));
        }
    }

    /** A port's number, or -1 when there is no port of that name. */
    private static int port(Question q, Unstructured handler) {
        if (!(handler.get("port") instanceof String name)) {
            return (int) handler.integer(-1, "port");
        }
        return q.ports().stream()
                .filter(p -> p.string("name").equals(name))
                .map(p -> (int) p.integer(-1, "containerPort"))
                .findFirst()
                .orElseGet(() -> name.chars().allMatch(Character::isDigit) ? Integer.parseInt(name) : -1);
    }

    private static Answer tcp(Question q, Unstructured handler, int timeout) {
        String host = handler.stringOr(q.podIp(), "host");
        int port = port(q, handler);
        if (port < 0) {
            return new Answer(false, "couldn't find port: " + handler.get("port"));
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), timeout);
            return new Answer(true, "");
        } catch (IOException | IllegalArgumentException e) {
            return new Answer(false, "dial tcp " + host + ":" + port + ": " + words(e));
        }
    }

    private static String words(Exception e) {
        return switch (e) {
            case SocketTimeoutException t -> "i/o timeout";
            case NoRouteToHostException n -> "connect: no route to host";
            case ConnectException c -> "connect: connection refused";
            default -> e.getMessage() == null ? e.toString() : e.getMessage();
        };
    }

    private static Answer http(Question q, Unstructured handler, int timeout) {
        String host = handler.stringOr(q.podIp(), "host");
        int port = port(q, handler);
        if (port < 0) {
            return new Answer(false, "couldn't find port: " + handler.get("port"));
        }
        boolean tls = handler.string("scheme").equals("HTTPS");
        String path = handler.stringOr("/", "path");
        path = path.startsWith("/") ? path : "/" + path;
        String url = (tls ? "https://" : "http://") + host + ":" + port + path;
        boolean connected = false;
        try (Socket plain = new Socket()) {
            plain.connect(new InetSocketAddress(host, port), timeout);
            plain.setSoTimeout(timeout);
            connected = true;
            Socket socket = tls ? secured(plain, host, port) : plain;
            socket.getOutputStream().write(request(handler, host, port, path));
            socket.getOutputStream().flush();
            int code = statusCode(socket.getInputStream());
            return code >= 200 && code < 400
                    ? new Answer(true, "")
                    : new Answer(false, "HTTP probe failed with statuscode: " + code);
        } catch (SocketTimeoutException e) {
            String what = connected ? "(Client.Timeout exceeded while awaiting headers)" : "(Client.Timeout exceeded)";
            return new Answer(false, "Get \"" + url + "\": context deadline exceeded " + what);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            String what = connected ? "" : "dial tcp " + host + ":" + port + ": ";
            return new Answer(false, "Get \"" + url + "\": " + what + words(e));
        }
    }

    private static byte[] request(Unstructured handler, String host, int port, String path) {
        StringBuilder s = new StringBuilder("GET ").append(path).append(" HTTP/1.1\r\n");
        String named = host + ":" + port;
        StringBuilder others = new StringBuilder();
        boolean agent = false;
        boolean accept = false;
        for (Unstructured header : handler.objects("httpHeaders")) {
            String name = header.string("name").toLowerCase(Locale.ROOT);
            if (name.equals("host")) {
                named = header.string("value");
                continue;
            }
            agent |= name.equals("user-agent");
            accept |= name.equals("accept");
            others.append(header.string("name"))
                    .append(": ")
                    .append(header.string("value"))
                    .append("\r\n");
        }
        s.append("Host: ").append(named).append("\r\n").append(others);
        if (!agent) {
            s.append("User-Agent: kube-probe/1.36\r\n");
        }
        if (!accept) {
            s.append("Accept: */*\r\n");
        }
        return s.append("Connection: close\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static int statusCode(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0 || line.length() > 4096) {
                throw new IOException(line.isEmpty() ? "EOF" : "malformed HTTP response \"" + line + "\"");
            }
            line.append((char) b);
        }
        String[] words = line.toString().strip().split(" ");
        if (words.length < 2 || !words[0].startsWith("HTTP/") || !words[1].matches("\\d{3}")) {
            throw new IOException("malformed HTTP response \"" + line.toString().strip() + "\"");
        }
        return Integer.parseInt(words[1]);
    }

    /** A probe does not verify the certificate: it asks whether the server answers. */
    private static Socket secured(Socket socket, String host, int port) throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new AnyCertificate()}, null);
        return context.getSocketFactory().createSocket(socket, host, port, true);
    }

    private static final class AnyCertificate implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}

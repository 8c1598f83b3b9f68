package dev.coracle.apiserver.proxy;

import dev.coracle.apiserver.Certificates;
import dev.coracle.machinery.env.Environment;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** Answers like a kubelet that demands a client certificate: upgrades echo, logs are a few lines. */
final class EchoKubelet implements AutoCloseable {
    private final SSLServerSocket listener;
    private final Set<SSLSocket> open = ConcurrentHashMap.newKeySet();
    final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    /** One entry per connection whose other side has ended it. */
    final BlockingQueue<String> ended = new LinkedBlockingQueue<>();
    /** What else {@code /containerLogs/} answers, head and body; {@code ""} for the usual lines. */
    volatile String instead = "";

    EchoKubelet(Certificates certificates, Environment environment) throws Exception {
        listener = (SSLServerSocket) certificates
                .context(certificates.issue("CN=node"))
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        listener.setNeedClientAuth(true);
        environment.tasks().start("kubelet", () -> {
            while (!listener.isClosed()) {
                try {
                    SSLSocket s = (SSLSocket) listener.accept();
                    open.add(s);
                    environment.tasks().start("connection", () -> serve(s));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    int port() {
        return listener.getLocalPort();
    }

    private void serve(SSLSocket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            String head = head(in);
            requests.add(head);
            if (head.contains("/containerLogs/")) {
                out.write((instead.isEmpty()
                                ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n4\r\ntwo\n\r\n"
                                : instead)
                        .getBytes(StandardCharsets.US_ASCII));
                out.flush();
                if (instead.isEmpty() && head.contains("follow=true")) {
                    in.read();
                } else if (instead.isEmpty()) {
                    out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    in.read();
                }
            } else {
                String protocol = head.contains("SPDY/3.1") ? "SPDY/3.1" : "websocket";
                // The greeting comes in one piece with the head: nothing of it may be lost in the change of protocols.
                out.write(("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: " + protocol
                                + "\r\nSec-WebSocket-Accept: x\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\nhello")
                        .getBytes(StandardCharsets.US_ASCII));
                byte[] buffer = new byte[8192];
                for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                    if (new String(buffer, 0, n, StandardCharsets.US_ASCII).contains("bye")) {
                        return;
                    }
                    out.write(buffer, 0, n);
                }
            }
        } catch (IOException e) {
            // The other side broke off, which is what ended tells.
        } finally {
            ended.add("ended");
        }
    }

    static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("no head: " + head);
            }
            head.write(b);
        }
        return head.toString(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (SSLSocket s : open) {
            s.close();
        }
    }
}

package dev.coracle.kubelet.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.MessageToMessageCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A client of SPDY/3.1 as client-go is one, on a TLS socket or inside a WebSocket. It knows no windows either. */
final class SpdyClient implements AutoCloseable {
    final Map<Integer, ByteArrayOutputStream> received = new ConcurrentHashMap<>();
    final Set<Integer> accepted = ConcurrentHashMap.newKeySet();
    final Set<Integer> ended = ConcurrentHashMap.newKeySet();
    final Set<Integer> reset = ConcurrentHashMap.newKeySet();
    final Set<Integer> pongs = ConcurrentHashMap.newKeySet();
    volatile boolean gone;
    String head = "";

    private final EmbeddedChannel codec;
    private final Socket socket;
    private int next = 1;

    private SpdyClient(ServerStage stage, EmbeddedChannel codec, String request) throws Exception {
        this.codec = codec;
        this.socket = stage.pki
                .context(stage.pki.sign("O=system:masters,CN=admin"))
                .getSocketFactory()
                .createSocket("127.0.0.1", stage.server.port());
        socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        while (!head.endsWith("\r\n\r\n")) {
            head += (char) in.read();
        }
        Thread.ofVirtual().start(() -> read(in));
    }

    static SpdyClient plain(ServerStage stage, String path, String protocol) throws Exception {
        return new SpdyClient(
                stage, new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1)), """
                POST %s HTTP/1.1
                Host: node
                Connection: Upgrade
                Upgrade: SPDY/3.1
                X-Stream-Protocol-Version: %s
                Content-Length: 0

                """.formatted(path, protocol));
    }

    /** Not with the JDK's WebSocket, which does not allow a slash in the protocol's name. */
    static SpdyClient tunnelled(ServerStage stage, String path) throws Exception {
        return new SpdyClient(
                stage,
                new EmbeddedChannel(
                        new WebSocket13FrameDecoder(false, false, 1 << 20),
                        new WebSocket13FrameEncoder(true),
                        new Fragments(),
                        new SpdyFrameCodec(SpdyVersion.SPDY_3_1)),
                """
                GET %s HTTP/1.1
                Host: node
                Connection: Upgrade
                Upgrade: websocket
                Sec-WebSocket-Version: 13
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
                Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io

                """.formatted(path));
    }

    /** Sends each message in two fragments: where messages are cut must not matter. */
    private static final class Fragments extends MessageToMessageCodec<BinaryWebSocketFrame, ByteBuf> {
        Fragments() {
            super(BinaryWebSocketFrame.class, ByteBuf.class);
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, BinaryWebSocketFrame frame, List<Object> out) {
            out.add(frame.content().retain());
        }

        @Override
        protected void encode(ChannelHandlerContext ctx, ByteBuf bytes, List<Object> out) {
            out.add(new BinaryWebSocketFrame(false, 0, bytes.readRetainedSlice(bytes.readableBytes() / 2)));
            out.add(new ContinuationWebSocketFrame(true, 0, bytes.readRetainedSlice(bytes.readableBytes())));
        }
    }

    private void read(InputStream in) {
        byte[] buffer = new byte[10_000];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                take(Unpooled.copiedBuffer(buffer, 0, n));
            }
        } catch (IOException e) {
            // Closed, by either side.
        }
        gone = true;
    }

    private synchronized void take(ByteBuf bytes) {
        codec.writeInbound(bytes);
        for (Object frame = codec.readInbound(); frame != null; frame = codec.readInbound()) {
            switch (frame) {
                case SpdyDataFrame d -> {
                    received.get(d.streamId()).writeBytes(ByteBufUtil.getBytes(d.content()));
                    d.release();
                    if (d.isLast()) {
                        ended.add(d.streamId());
                    }
                }
                case SpdySynReplyFrame reply -> {
                    // Go's parser breaks off at a reply without any header.
                    if (!reply.headers().isEmpty()) {
                        accepted.add(reply.streamId());
                    }
                }
                case SpdyRstStreamFrame r -> reset.add(r.streamId());
                case SpdyPingFrame p -> pongs.add(p.id());
                default -> {}
            }
        }
    }

    private synchronized void send(SpdyFrame frame) throws IOException {
        codec.writeOutbound(frame);
        for (ByteBuf b = codec.readOutbound(); b != null; b = codec.readOutbound()) {
            socket.getOutputStream().write(ByteBufUtil.getBytes(b));
            b.release();
        }
    }

    /** @param headers name, value, name, value… */
    synchronized int open(String... headers) throws IOException {
        int id = next;
        next += 2;
        DefaultSpdySynStreamFrame syn = new DefaultSpdySynStreamFrame(id, 0, (byte) 0);
        for (int i = 0; i < headers.length; i += 2) {
            syn.headers().set(headers[i], headers[i + 1]);
        }
        received.put(id, new ByteArrayOutputStream());
        send(syn);
        return id;
    }

    void data(int stream, byte[] bytes) throws IOException {
        send(new DefaultSpdyDataFrame(stream, Unpooled.wrappedBuffer(bytes)));
    }

    void end(int stream) throws IOException {
        send(new DefaultSpdyDataFrame(stream).setLast(true));
    }

    void reset(int stream) throws IOException {
        send(new DefaultSpdyRstStreamFrame(stream, SpdyStreamStatus.CANCEL));
    }

    void ping(int id) throws IOException {
        send(new DefaultSpdyPingFrame(id));
    }

    byte[] bytes(int stream) {
        return received.get(stream).toByteArray();
    }

    String text(int stream) {
        return received.get(stream).toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

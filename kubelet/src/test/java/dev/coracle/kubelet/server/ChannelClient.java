package dev.coracle.kubelet.server;

import java.io.ByteArrayOutputStream;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A client of numbered WebSocket channels, as kubectl and fabric8 are. */
final class ChannelClient implements WebSocket.Listener {
    private final Map<Integer, ByteArrayOutputStream> received = new ConcurrentHashMap<>();
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    final CountDownLatch ended = new CountDownLatch(1);
    volatile int closeCode;
    WebSocket socket;

    static ChannelClient open(ServerStage stage, String path, String protocol) throws Exception {
        ChannelClient client = new ChannelClient();
        client.socket = stage.client
                .newWebSocketBuilder()
                .subprotocols(protocol)
                .buildAsync(stage.uri("wss", path), client)
                .get(10, TimeUnit.SECONDS);
        return client;
    }

    void send(int channel, String text) {
        send(channel, text.getBytes(StandardCharsets.UTF_8));
    }

    void send(int channel, byte[] data) {
        ByteBuffer b = ByteBuffer.allocate(data.length + 1);
        b.put((byte) channel).put(data).flip();
        socket.sendBinary(b, true).join();
    }

    String text(int channel) {
        return new String(bytes(channel), StandardCharsets.UTF_8);
    }

    byte[] bytes(int channel) {
        ByteArrayOutputStream got = received.get(channel);
        return got == null ? new byte[0] : got.toByteArray();
    }

    boolean heard(int channel) {
        return received.containsKey(channel);
    }

    ChannelClient awaitEnd() throws InterruptedException {
        if (!ended.await(20, TimeUnit.SECONDS)) {
            throw new AssertionError("the session does not end");
        }
        return this;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
        byte[] piece = new byte[data.remaining()];
        data.get(piece);
        message.writeBytes(piece);
        if (last) {
            byte[] all = message.toByteArray();
            message.reset();
            received.computeIfAbsent(all[0] & 0xff, c -> new ByteArrayOutputStream())
                    .write(all, 1, all.length - 1);
        }
        webSocket.request(1);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
        closeCode = statusCode;
        ended.countDown();
        return CompletableFuture.completedStage(null);
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        ended.countDown();
    }
}

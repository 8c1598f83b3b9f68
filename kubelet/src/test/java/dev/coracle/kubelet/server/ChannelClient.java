package dev.coracle.kubelet.server;

import java.io.ByteArrayOutputStream;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
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
    private boolean base64;
    WebSocket socket;

    static ChannelClient open(ServerStage stage, String path, String protocol) throws Exception {
        ChannelClient client = new ChannelClient();
        client.base64 = protocol.contains("base64.");
        WebSocket.Builder builder = stage.client.newWebSocketBuilder();
        if (!protocol.isEmpty()) {
            builder.subprotocols(protocol);
        }
        client.socket = builder.buildAsync(stage.uri("wss", path), client).get(10, TimeUnit.SECONDS);
        return client;
    }

    void send(int channel, String text) {
        send(channel, text.getBytes(StandardCharsets.UTF_8));
    }

    void send(int channel, byte[] data) {
        if (base64) {
            socket.sendText(channel + Base64.getEncoder().encodeToString(data), true)
                    .join();
            return;
        }
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
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        byte[] all = Base64.getDecoder().decode(data.toString().substring(1));
        received.computeIfAbsent(data.charAt(0) - '0', c -> new ByteArrayOutputStream())
                .writeBytes(all);
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

package dev.coracle.network.dns;

import dev.coracle.machinery.env.Environment;
import dev.coracle.network.dns.Message.Query;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks other servers, one after the other, and remembers their answers for as long as these allow, 30 s at most. */
final class Upstream {
    private static final int PORT = 53;
    private static final int TIMEOUT_MILLIS = 2000;
    private static final int REMEMBERED = 10_000;
    private static final int MAX_TTL = 30;

    private final List<String> servers;
    private final Environment environment;
    private final LinkedHashMap<Key, Remembered> cache = new LinkedHashMap<>();

    private record Key(String name, int type, boolean extended) {}

    private record Remembered(byte[] response, long since, int seconds) {}

    Upstream(List<String> configured, String own, Environment environment) {
        this.servers = configured.isEmpty() ? resolvConf(own) : configured;
        this.environment = environment;
    }

    private static List<String> resolvConf(String own) {
        List<String> found = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(Path.of("/etc/resolv.conf"))) {
                String[] words = line.strip().split("\\s+");
                // Asking ourselves would go round for ever.
                if (words.length > 1 && words[0].equals("nameserver") && !words[1].equals(own)) {
                    found.add(words[1]);
                }
            }
        } catch (IOException e) {
            // A host without resolv.conf has no upstream: every foreign name fails.
        }
        return List.copyOf(found);
    }

    /** @return the response with the query's own id, or null when nobody answered */
    byte @Nullable [] ask(byte[] packet, Query query, boolean tcp) {
        var key = new Key(query.name(), query.type(), query.extended());
        byte[] known = remembered(key);
        if (known != null && (tcp || known.length <= query.size())) {
            return own(known, query);
        }
        for (String server : servers) {
            try {
                byte[] response = tcp ? overTcp(server, packet) : overUdp(server, packet);
                remember(key, response);
                return own(response, query);
            } catch (IOException e) {
                // The next server may do better; when none does, the caller says so.
            }
        }
        return null;
    }

    private byte @Nullable [] remembered(Key key) {
        synchronized (cache) {
            Remembered r = cache.get(key);
            if (r == null || environment.clock().elapsed(r.since()).toSeconds() < r.seconds()) {
                return r == null ? null : r.response();
            }
            cache.remove(key);
            return null;
        }
    }

    private void remember(Key key, byte[] response) {
        int code = response[3] & 15;
        boolean truncated = (response[2] & 2) != 0;
        int ttl = Math.min(MAX_TTL, Message.smallestTtl(response));
        if (truncated || ttl <= 0 || code != Message.NO_ERROR && code != Message.NAME_ERROR) {
            return;
        }
        synchronized (cache) {
            if (cache.size() >= REMEMBERED) {
                cache.pollFirstEntry();
            }
            cache.put(key, new Remembered(response, environment.clock().nanos(), ttl));
        }
    }

    private static byte[] own(byte[] response, Query query) {
        byte[] copy = response.clone();
        copy[0] = (byte) (query.id() >>> 8);
        copy[1] = (byte) query.id();
        // The question as this client wrote it: some randomize capitals and compare (draft-vixie-dnsext-dns0x20).
        System.arraycopy(query.asked(), 0, copy, 12, Math.min(query.asked().length, copy.length - 12));
        return copy;
    }

    private byte[] overUdp(String server, byte[] packet) throws IOException {
        try (var socket = new DatagramSocket()) {
            // Connected, so that the kernel drops what others send; a random id of our own guards against guessing.
            socket.connect(InetAddress.getByName(server), PORT);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            byte[] asked = packet.clone();
            byte[] id = environment.entropy().bytes(2);
            System.arraycopy(id, 0, asked, 0, 2);
            socket.send(new DatagramPacket(asked, asked.length));
            var answer = new DatagramPacket(new byte[4096], 4096);
            while (true) {
                socket.receive(answer);
                byte[] data = java.util.Arrays.copyOf(answer.getData(), answer.getLength());
                if (matches(data, id)) {
                    return data;
                }
            }
        }
    }

    private static boolean matches(byte[] data, byte[] id) {
        return data.length > 12 && data[0] == id[0] && data[1] == id[1];
    }

    private static byte[] overTcp(String server, byte[] packet) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(server, PORT), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            var out = new DataOutputStream(socket.getOutputStream());
            byte[] framed = new byte[packet.length + 2];
            framed[0] = (byte) (packet.length >>> 8);
            framed[1] = (byte) packet.length;
            System.arraycopy(packet, 0, framed, 2, packet.length);
            out.write(framed);
            var in = new DataInputStream(socket.getInputStream());
            byte[] response = new byte[in.readUnsignedShort()];
            in.readFully(response);
            if (response.length < 12) {
                throw new IOException("cut short");
            }
            return response;
        }
    }
}

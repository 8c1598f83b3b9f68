package dev.coracle.network.dns;

import dev.coracle.client.Informers;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.network.dns.Message.Answer;
import dev.coracle.network.dns.Message.Query;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Listens on UDP and TCP. Names of the cluster are answered on the receiving task, since that takes microseconds;
 * everything else, which waits for others, gets a task of its own.
 */
public final class DnsServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("coracle.coredns");
    private static final int IDLE_MILLIS = 10_000;
    private static final int LARGEST = 65_535;
    private static final int PORTS_TRIED = 100;

    private final DnsConfig config;
    private final Environment environment;
    private final ClusterZone zone;
    private final Upstream upstream;
    private final List<Tasks.Task> listeners = new ArrayList<>();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private @Nullable DatagramSocket udp;
    private @Nullable ServerSocket tcp;

    public DnsServer(DnsConfig config, Informers informers, Environment environment) {
        this.config = config;
        this.environment = environment;
        this.zone = new ClusterZone(config, informers);
        this.upstream = new Upstream(config.upstreams(), config.address(), environment);
    }

    /** @throws IOException when the address cannot be bound */
    public void start() throws IOException {
        zone.start();
        InetAddress address = InetAddress.getByName(config.address());
        int left = config.port() == 0 ? PORTS_TRIED : 1;
        try {
            while (!bind(address, left == 1)) {
                left--;
            }
        } catch (IOException e) {
            throw new IOException(
                    "coredns cannot listen on " + config.address() + ":" + config.port() + ": " + e.getMessage(), e);
        }
    }

    /**
     * @param last whether a failure is one, and no reason to try another port
     * @return false when the port that was free for datagrams is not for streams
     */
    private boolean bind(InetAddress address, boolean last) throws IOException {
        var datagrams = new DatagramSocket(new InetSocketAddress(address, config.port()));
        ServerSocket streams;
        try {
            streams = new ServerSocket(datagrams.getLocalPort(), 128, address);
        } catch (IOException e) {
            datagrams.close();
            if (last) {
                throw e;
            }
            return false;
        }
        udp = datagrams;
        tcp = streams;
        listeners.add(environment.tasks().start("coredns-udp", () -> receive(datagrams)));
        listeners.add(environment.tasks().start("coredns-tcp", () -> accept(streams)));
        return true;
    }

    /** The port bound. */
    public int port() {
        DatagramSocket bound = udp;
        return bound == null ? config.port() : bound.getLocalPort();
    }

    private void receive(DatagramSocket socket) {
        var packet = new DatagramPacket(new byte[LARGEST], LARGEST);
        while (!socket.isClosed()) {
            try {
                packet.setLength(LARGEST);
                socket.receive(packet);
                byte[] data = java.util.Arrays.copyOf(packet.getData(), packet.getLength());
                var from = packet.getSocketAddress();
                answer(socket, data, from);
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    LOG.log(System.Logger.Level.DEBUG, "udp: " + e.getMessage());
                }
            }
        }
    }

    private void answer(DatagramSocket socket, byte[] data, SocketAddress from) throws IOException {
        Query query;
        try {
            query = Message.query(data, data.length);
        } catch (IllegalArgumentException e) {
            send(socket, Message.formatError(data), from);
            return;
        }
        Optional<Answer> own = own(query);
        if (own.isPresent() && own.get().foreign().isEmpty()) {
            send(socket, response(data, query, own, false), from);
            return;
        }
        environment.tasks().start("coredns-forward", () -> {
            try {
                send(socket, response(data, query, own, false), from);
            } catch (IOException e) {
                // The server is closing, or the client went away.
            }
        });
    }

    private static void send(DatagramSocket socket, byte[] data, SocketAddress to) throws IOException {
        if (data.length > 0) {
            socket.send(new DatagramPacket(data, data.length, to));
        }
    }

    private void accept(ServerSocket server) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                connections.add(socket);
                environment.tasks().start("coredns-connection", () -> converse(socket));
            } catch (IOException e) {
                if (!server.isClosed()) {
                    LOG.log(System.Logger.Level.WARNING, "tcp: " + e.getMessage());
                }
            }
        }
    }

    private void converse(Socket socket) {
        try (socket) {
            socket.setSoTimeout(IDLE_MILLIS);
            var in = new DataInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            while (true) {
                byte[] data = new byte[in.readUnsignedShort()];
                in.readFully(data);
                byte[] response = overStream(data);
                if (response.length == 0) {
                    return;
                }
                byte[] framed = new byte[response.length + 2];
                framed[0] = (byte) (response.length >>> 8);
                framed[1] = (byte) response.length;
                System.arraycopy(response, 0, framed, 2, response.length);
                out.write(framed);
            }
        } catch (IOException e) {
            // The client is done, or idle for too long.
        } finally {
            connections.remove(socket);
        }
    }

    private byte[] overStream(byte[] data) {
        Query query;
        try {
            query = Message.query(data, data.length);
        } catch (IllegalArgumentException e) {
            return Message.formatError(data);
        }
        return response(data, query, own(query), true);
    }

    private byte[] response(byte[] data, Query query, Optional<Answer> own, boolean overTcp) {
        if (own.isEmpty()) {
            return foreign(data, query, overTcp);
        }
        Answer answer = own.get();
        return Message.bytes(
                query,
                answer.foreign().isEmpty() ? answer : completed(query, answer),
                overTcp ? LARGEST : Math.min(query.size(), 4096));
    }

    /** With what others say of the name that it leads to: clients ask once, and follow nothing themselves. */
    private Answer completed(Query query, Answer answer) {
        try {
            Query further = Message.about(answer.foreign(), query.type());
            byte[] packet = Message.packet(further);
            byte[] response = upstream.ask(packet, further, false);
            if (response != null && (response[2] & 2) != 0) {
                response = upstream.ask(packet, further, true);
            }
            if (response != null) {
                List<Message.Record> all = new ArrayList<>(answer.answers());
                all.addAll(Message.answers(response));
                return new Answer(answer.code(), answer.authoritative(), all, answer.authority(), answer.extra());
            }
        } catch (IllegalArgumentException e) {
            LOG.log(System.Logger.Level.WARNING, answer.foreign() + ": " + e.getMessage());
        }
        unanswered(answer.foreign(), query.type());
        return zone.noData();
    }

    private void unanswered(String name, int type) {
        config.log().write("[ERROR] plugin/errors: 2 %s. %d: no upstream server answered".formatted(name, type));
    }

    private Optional<Answer> own(Query query) {
        if (query.opcode() != 0) {
            return Optional.of(Answer.failure(Message.NOT_IMPLEMENTED));
        }
        Optional<Answer> answer;
        try {
            answer = zone.answer(query);
        } catch (RuntimeException e) {
            // Such as that a name which an object has is none in DNS. One bad question must not end all others.
            config.log().write("[ERROR] plugin/errors: 2 %s. %d: %s".formatted(query.name(), query.type(), e));
            return Optional.of(Answer.failure(Message.SERVER_FAILURE));
        }
        // A name that is merely not known yet must not be remembered as one that does not exist.
        return answer.isPresent() && !zone.synced() ? Optional.of(Answer.failure(Message.SERVER_FAILURE)) : answer;
    }

    private byte[] foreign(byte[] data, Query query, boolean overTcp) {
        byte[] response = upstream.ask(data, query, overTcp);
        if (response == null) {
            unanswered(query.name(), query.type());
            return Message.bytes(query, Answer.failure(Message.SERVER_FAILURE), 512);
        }
        return response;
    }

    @Override
    public void close() {
        try {
            if (udp != null) {
                udp.close();
            }
            if (tcp != null) {
                tcp.close();
            }
            for (Socket s : connections) {
                s.close();
            }
            for (Tasks.Task t : listeners) {
                t.join(Duration.ofSeconds(2));
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "closing: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

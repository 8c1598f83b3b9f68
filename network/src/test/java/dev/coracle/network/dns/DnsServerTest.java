package dev.coracle.network.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.log.LogFile;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.network.FakeApi;
import dev.coracle.network.Objects;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** Asked by dnsjava, over the wire. */
class DnsServerTest {
    @TempDir
    Path dir;

    private final SystemEnvironment system = new SystemEnvironment((name, t) -> t.printStackTrace());
    private final FakeApi api = new FakeApi();
    private DnsServer server;

    @BeforeEach
    void start() throws IOException {
        api.put(Resources.NAMESPACES, Unstructured.of("v1", "Namespace", "", "default"));
        api.put(Resources.SERVICES, Objects.service("web", "10.96.0.50", 80));
        api.put(Resources.SERVICES, Objects.service("db", "None", 5432));
        Unstructured slice = Objects.slice("db", 5432, "10.244.0.7", "10.244.0.8");
        slice.objects("endpoints").getFirst().set("db-0", "hostname");
        api.put(Resources.ENDPOINT_SLICES, slice);
        Unstructured outside = Unstructured.of("v1", "Service", "default", "outside")
                .set("ExternalName", "spec", "type")
                .set("example.org", "spec", "externalName");
        api.put(Resources.SERVICES, outside);
        server = on(0);
        server.start();
    }

    private DnsServer on(int port) {
        return new DnsServer(
                // Nobody answers at this upstream: the loopback refuses.
                new DnsConfig(
                        "127.0.0.1",
                        port,
                        "cluster.local",
                        List.of("10.96.", "10.244."),
                        List.of("127.0.0.9"),
                        new LogFile(
                                dir.resolve("coredns.log"), system.environment().clock())),
                api,
                system.environment());
    }

    @Test
    void whoCannotListenSaysWhere() {
        try (DnsServer second = on(server.port())) {
            assertThatThrownBy(second::start)
                    .hasMessageStartingWith("coredns cannot listen on 127.0.0.1:" + server.port() + ": ")
                    .hasMessageContaining("in use");
        }
    }

    @AfterEach
    void stop() {
        server.close();
        system.close();
    }

    private Message ask(String name, int type, boolean tcp) throws IOException {
        var resolver = new SimpleResolver("127.0.0.1");
        resolver.setPort(server.port());
        resolver.setTCP(tcp);
        return resolver.send(Message.newQuery(Record.newRecord(Name.fromString(name), type, DClass.IN)));
    }

    private List<String> answers(String name, int type) throws IOException {
        return ask(name, type, false).getSection(Section.ANSWER).stream()
                .map(Record::rdataToString)
                .toList();
    }

    private int code(String name, int type) throws IOException {
        return ask(name, type, false).getRcode();
    }

    @Test
    void servicesAndTheirPodsHaveNames() throws IOException {
        assertThat(answers("web.default.svc.cluster.local.", Type.A)).containsExactly("10.96.0.50");
        assertThat(answers("WEB.default.svc.Cluster.local.", Type.A)).containsExactly("10.96.0.50");
        assertThat(answers("db.default.svc.cluster.local.", Type.A))
                .containsExactlyInAnyOrder("10.244.0.7", "10.244.0.8");
        assertThat(answers("db-0.db.default.svc.cluster.local.", Type.A)).containsExactly("10.244.0.7");
        assertThat(answers("10-244-0-8.db.default.svc.cluster.local.", Type.A)).containsExactly("10.244.0.8");
        assertThat(answers("10-244-0-8.default.pod.cluster.local.", Type.A)).containsExactly("10.244.0.8");
        assertThat(answers("_http._tcp.web.default.svc.cluster.local.", Type.SRV))
                .containsExactly("0 100 80 web.default.svc.cluster.local.");
        assertThat(answers("50.0.96.10.in-addr.arpa.", Type.PTR)).containsExactly("web.default.svc.cluster.local.");
        assertThat(answers("7.0.244.10.in-addr.arpa.", Type.PTR)).containsExactly("db-0.db.default.svc.cluster.local.");
    }

    @Test
    void noSuchNameIsNotNoSuchRecord() throws IOException {
        Message v6 = ask("web.default.svc.cluster.local.", Type.AAAA, false);
        assertThat(v6.getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(v6.getSection(Section.ANSWER)).isEmpty();
        assertThat(v6.getSection(Section.AUTHORITY)).hasSize(1);
        assertThat(code("default.svc.cluster.local.", Type.A)).isEqualTo(Rcode.NOERROR);
        assertThat(code("none.default.svc.cluster.local.", Type.A)).isEqualTo(Rcode.NXDOMAIN);
        assertThat(code("web.nowhere.svc.cluster.local.", Type.A)).isEqualTo(Rcode.NXDOMAIN);
        assertThat(code("web.default.svc.cluster.local.svc.cluster.local.", Type.A))
                .isEqualTo(Rcode.NXDOMAIN);
        assertThat(code("example.org.", Type.A)).isEqualTo(Rcode.SERVFAIL);
        assertThat(dir.resolve("coredns.log")).content().contains("example.org.");
    }

    @Test
    void whatIsTooLongForADatagramComesOverTcp() throws IOException {
        String[] ips = new String[200];
        Arrays.setAll(ips, i -> "10.244.1." + i);
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("db", 5432, ips));
        Message all = ask("db.default.svc.cluster.local.", Type.A, true);
        assertThat(all.getSection(Section.ANSWER)).hasSize(200);

        var resolver = new SimpleResolver("127.0.0.1");
        resolver.setPort(server.port());
        resolver.setIgnoreTruncation(true);
        Message cut = resolver.send(Message.newQuery(
                Record.newRecord(Name.fromString("db.default.svc.cluster.local."), Type.A, DClass.IN)));
        assertThat(cut.getHeader().getFlag(org.xbill.DNS.Flags.TC)).isTrue();
        // Some clients never ask over TCP: they have at least these.
        assertThat(cut.getSection(Section.ANSWER)).hasSizeBetween(20, 100);
        assertThat(cut.numBytes()).isLessThanOrEqualTo(1280);
    }

    private static Unstructured external(String name, String target) {
        return Unstructured.of("v1", "Service", "default", name)
                .set("ExternalName", "spec", "type")
                .set(target, "spec", "externalName");
    }

    /** Stub resolvers ask once and follow nothing. */
    @Test
    void whatANameIsAnotherNameOfComesWithIt() throws Exception {
        api.put(Resources.SERVICES, external("near", "Web.default.svc.cluster.local."));
        api.put(Resources.SERVICES, external("twice", "near.default.svc.cluster.local"));
        api.put(Resources.SERVICES, external("nothing", "none.default.svc.cluster.local"));
        api.put(Resources.SERVICES, external("circle", "round.default.svc.cluster.local"));
        api.put(Resources.SERVICES, external("round", "circle.default.svc.cluster.local"));
        api.put(Resources.SERVICES, external("long", "a".repeat(64) + ".example.org"));
        assertThat(answers("near.default.svc.cluster.local.", Type.A))
                .containsExactly("web.default.svc.cluster.local.", "10.96.0.50");
        assertThat(answers("twice.default.svc.cluster.local.", Type.A))
                .containsExactly("near.default.svc.cluster.local.", "web.default.svc.cluster.local.", "10.96.0.50");
        assertThat(answers("twice.default.svc.cluster.local.", Type.CNAME))
                .containsExactly("near.default.svc.cluster.local.");
        for (String none : List.of("nothing", "circle", "outside")) {
            assertThat(answers(none + ".default.svc.cluster.local.", Type.A)).isEmpty();
            assertThat(code(none + ".default.svc.cluster.local.", Type.A)).isEqualTo(Rcode.NOERROR);
        }
        assertThat(code("long.default.svc.cluster.local.", Type.A)).isEqualTo(Rcode.SERVFAIL);
        assertThat(answers("web.default.svc.cluster.local.", Type.A)).containsExactly("10.96.0.50");
    }

    @Test
    void whatOthersSayOfAForeignNameIsReadWithItsPointers() {
        byte[] said = HexFormat.of()
                .parseHex("000081800001000200000000"
                        + "0361616107657861" + "6d706c65036f726700" + "00010001" // aaa.example.org A
                        + "c00c" + "00050001" + "0000003c" + "0006" + "03626262" + "c010" // CNAME bbb.example.org
                        + "c02d" + "00010001" + "0000003c" + "0004" + "01020304");
        List<dev.coracle.network.dns.Message.Record> read = dev.coracle.network.dns.Message.answers(said);
        assertThat(read).extracting(r -> r.name()).containsExactly("aaa.example.org", "bbb.example.org");
        assertThat(read.getFirst().data()).isEqualTo(dev.coracle.network.dns.Message.name("bbb.example.org"));
        byte[] circle = said.clone();
        circle[33] = (byte) 0xc0;
        circle[34] = 33;
        assertThatThrownBy(() -> dev.coracle.network.dns.Message.answers(circle))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void podsBehindAClusterIpHaveNamesToo() throws IOException {
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", 8080, "10.244.0.9"));
        assertThat(answers("10-244-0-9.web.default.svc.cluster.local.", Type.A)).containsExactly("10.244.0.9");
        assertThat(answers("9.0.244.10.in-addr.arpa.", Type.PTR))
                .containsExactly("10-244-0-9.web.default.svc.cluster.local.");
        assertThat(code("10-244-0-7.web.default.svc.cluster.local.", Type.A)).isEqualTo(Rcode.NXDOMAIN);
        assertThat(code("999-0-0-1.default.pod.cluster.local.", Type.A)).isEqualTo(Rcode.NXDOMAIN);
    }

    @Test
    void everyPodOfAHeadlessServiceIsFirstAtTimes() throws IOException {
        Set<String> first = new HashSet<>();
        for (int i = 0; i < 60; i++) {
            first.add(answers("db.default.svc.cluster.local.", Type.A).getFirst());
        }
        assertThat(first).hasSize(2);
    }

    /** As CoreDNS: a client that errs is told so, rather than left to wait. */
    @Test
    void whatIsNoQueryIsAnsweredSo() throws IOException {
        byte[] two = Message.newQuery(Record.newRecord(Name.fromString("web.default."), Type.A, DClass.IN))
                .toWire();
        two[2] = 1;
        two[5] = 2;
        for (byte[] bad : List.of(two, Arrays.copyOf(two, 20), Arrays.copyOf(new byte[] {7, 7}, 12))) {
            bad[2] &= 0x7f;
            byte[] answer = raw(bad);
            assertThat(answer).hasSize(12).startsWith(bad[0], bad[1]);
            assertThat(answer[3] & 15).isEqualTo(Rcode.FORMERR);
        }
        // An answer is not answered, and what is shorter than a header is nothing.
        byte[] response = two.clone();
        response[2] |= (byte) 0x80;
        send(response);
        send(new byte[11]);
        send(new byte[0]);
        assertThat(answers("web.default.svc.cluster.local.", Type.A)).containsExactly("10.96.0.50");
        try (var socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(5000);
            socket.getOutputStream().write(new byte[] {0, 12, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
            assertThat(socket.getInputStream().readNBytes(14)).startsWith(0, 12, 7, 7, 0x80, 1);
        }
    }

    private void send(byte[] packet) throws IOException {
        try (var socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
            socket.send(new DatagramPacket(packet, packet.length));
        }
    }

    private byte[] raw(byte[] packet) throws IOException {
        try (var socket = new DatagramSocket()) {
            socket.setSoTimeout(5000);
            socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
            socket.send(new DatagramPacket(packet, packet.length));
            var answer = new DatagramPacket(new byte[512], 512);
            socket.receive(answer);
            return Arrays.copyOf(answer.getData(), answer.getLength());
        }
    }
}

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
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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
        assertThat(answers("outside.default.svc.cluster.local.", Type.A)).containsExactly("example.org.");
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
        assertThat(cut.getSection(Section.ANSWER)).isEmpty();
    }
}

package dev.coracle.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients whose requests wait for a seat. */
@Timeout(30)
class QueuedStoryTest {
    private static final String GROUP = "/apis/flowcontrol.apiserver.k8s.io/v1/";

    private SecureServer server;
    private SecureServer.Caller admin;

    @BeforeEach
    void start() throws Exception {
        server = new SecureServer();
        admin = server.admin();
    }

    @AfterEach
    void stop() {
        admin.close();
        server.close();
    }

    /** A level without any seat: who asks there waits. */
    private void stuck() throws Exception {
        level("stuck", """
                "nominalConcurrencyShares":0,"borrowingLimitPercent":0,
                "limitResponse":{"type":"Queue","queuing":{"queues":1,"handSize":1}}""");
    }

    /** For all that bob asks. */
    private void level(String name, String limited) throws Exception {
        assertThat(admin.post(
                                GROUP + "prioritylevelconfigurations",
                                "{\"metadata\":{\"name\":\"" + name + "\"},\"spec\":{\"type\":\"Limited\",\"limited\":{"
                                        + limited + "}}}")
                        .statusCode())
                .isEqualTo(201);
        assertThat(admin.post(GROUP + "flowschemas", """
                {"metadata":{"name":"NAME"},"spec":{"priorityLevelConfiguration":{"name":"NAME"},
                 "matchingPrecedence":2,"rules":[{"subjects":[{"kind":"User","user":{"name":"bob"}}],
                 "nonResourceRules":[{"verbs":["*"],"nonResourceURLs":["/version"]}],
                 "resourceRules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"],"clusterScope":true}]}]}}
                """.replace("NAME", name)).statusCode())
                .isEqualTo(201);
    }

    private String metric(String name, String labels) throws Exception {
        return admin.get("/metrics")
                .body()
                .lines()
                .filter(l -> l.startsWith(name) && l.contains(labels))
                .findFirst()
                .map(l -> l.substring(l.lastIndexOf(' ') + 1))
                .orElse("");
    }

    private String waiting() throws Exception {
        return metric("apiserver_flowcontrol_current_inqueue_seats", "\"stuck\"");
    }

    @Test
    void aClientThatHangsUpWhileItWaitsLosesItsPlace() throws Exception {
        stuck();
        await().until(() -> !waiting().isEmpty());
        try (SSLSocket bob = server.socket("CN=bob")) {
            bob.getOutputStream().write("GET /version HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            await().until(() -> Double.parseDouble(waiting()) == 1);
        }
        await().until(() -> !metric("apiserver_flowcontrol_rejected_requests_total", "cancelled")
                .isEmpty());
        assertThat(Double.parseDouble(waiting())).isZero();
    }

    /** A watch is let in as anything else is; when it stands, the next one may begin. */
    @Test
    void watchesThatStandHaveNoSeat() throws Exception {
        level(
                "watching",
                "\"nominalConcurrencyShares\":1,\"borrowingLimitPercent\":0,\"limitResponse\":{\"type\":\"Reject\"}");
        await().until(() -> !metric("apiserver_flowcontrol_nominal_limit_seats", "\"watching\"")
                .isEmpty());
        int seats = (int) Double.parseDouble(metric("apiserver_flowcontrol_nominal_limit_seats", "\"watching\""));
        assertThat(admin.post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
                {"metadata":{"name":"bob"},"subjects":[{"kind":"User","name":"bob","apiGroup":"rbac.authorization.k8s.io"}],
                 "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"}}
                """)
                        .statusCode())
                .isEqualTo(201);
        String watch = "/api/v1/namespaces?watch=true";
        List<SSLSocket> all = new ArrayList<>();
        try {
            for (int i = 0; i < seats + 3; i++) {
                SSLSocket bob = server.socket("CN=bob");
                all.add(bob);
                bob.getOutputStream()
                        .write(("GET " + watch + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                assertThat(SecureServer.read(bob, 15)).isEqualTo("HTTP/1.1 200 OK");
            }
            await().until(() ->
                    Double.parseDouble(metric("apiserver_flowcontrol_current_executing_seats", "\"watching\"")) == 0);
        } finally {
            for (SSLSocket bob : all) {
                bob.close();
            }
        }
        assertThat(admin.send(
                                "PATCH",
                                GROUP + "prioritylevelconfigurations/watching",
                                "application/merge-patch+json",
                                "{\"spec\":{\"limited\":{\"nominalConcurrencyShares\":0}}}")
                        .statusCode())
                .isEqualTo(200);
        await().until(() ->
                Double.parseDouble(metric("apiserver_flowcontrol_nominal_limit_seats", "\"watching\"")) == 0);
        try (var bob = server.caller("CN=bob")) {
            var refused = bob.get(watch);
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.headers().firstValue("retry-after")).hasValue("1");
            assertThat(refused.headers().firstValue("x-kubernetes-pf-prioritylevel-uid"))
                    .hasValue(uid("prioritylevelconfigurations", "watching"));
        }
    }

    /** What it sends meanwhile is not lost. */
    @Test
    void aConnectionGoesOnAfterItHasWaited() throws Exception {
        stuck();
        await().until(() -> !waiting().isEmpty());
        try (SSLSocket bob = server.socket("CN=bob")) {
            bob.getOutputStream()
                    .write(("GET /version HTTP/1.1\r\nHost: a\r\n\r\n"
                                    + "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            await().until(() -> Double.parseDouble(waiting()) == 1);
            assertThat(admin.send(
                                    "PATCH",
                                    GROUP + "prioritylevelconfigurations/stuck",
                                    "application/merge-patch+json",
                                    "{\"spec\":{\"limited\":{\"nominalConcurrencyShares\":30}}}")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(SecureServer.read(bob, 1 << 16))
                    .contains("gitVersion")
                    .containsOnlyOnce("x-kubernetes-pf-flowschema-uid: " + uid("flowschemas", "stuck"))
                    .endsWith("ok");
        }
    }

    private String uid(String resource, String name) throws Exception {
        return Unstructured.parse(admin.get(GROUP + resource + "/" + name).body())
                .uid();
    }
}

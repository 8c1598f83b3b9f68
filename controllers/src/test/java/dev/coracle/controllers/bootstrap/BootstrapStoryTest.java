package dev.coracle.controllers.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.ListOptions;
import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who joins with a token can trust what the cluster says of itself, while the token lasts. */
class BootstrapStoryTest {
    private static final String CONTENT = "Hello from the other side. I must have called a thousand times.";
    private static final String SECRET = "my voice is my passcode";

    private World world;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"))
                .run(BootstrapSigner::new)
                .run(TokenCleaner::new)
                .start();
        world.create(Resources.CONFIG_MAPS, "kube-public", """
                {'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'cluster-info'},
                 'data':{'kubeconfig':'%s'}}""".formatted(CONTENT));
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void everyTokenForSigningSigns() {
        token("joshua", "joshua", "'usage-bootstrap-signing':'true'");
        token("logins", "logins", "'usage-bootstrap-authentication':'true'");
        token("renamd", "namesd", "'usage-bootstrap-signing':'true'");
        world.settle();
        assertThat(info())
                .as("as upstream signs the same")
                .extracting(i -> i.string("data", "jws-kubeconfig-joshua"))
                .isEqualTo("eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8");
        assertThat(info().strings("data")).containsOnlyKeys("kubeconfig", "jws-kubeconfig-joshua");

        String before = signature("joshua");
        world.patch(Resources.CONFIG_MAPS, "kube-public", "cluster-info", "{'data':{'kubeconfig':'moved'}}");
        world.settle();
        assertThat(signature("joshua")).isNotEqualTo(before);

        world.delete(Resources.SECRETS, "kube-system", "bootstrap-token-joshua", "");
        world.settle();
        assertThat(info().strings("data")).containsOnlyKeys("kubeconfig");
    }

    @Test
    void aForgedSignatureDoesNotStay() {
        token("joshua", "joshua", "'usage-bootstrap-signing':'true'");
        world.settle();
        String right = signature("joshua");
        world.patch(
                Resources.CONFIG_MAPS,
                "kube-public",
                "cluster-info",
                "{'data':{'jws-kubeconfig-joshua':'forged','jws-kubeconfig-nobody':'forged'}}");
        world.settle();
        assertThat(signature("joshua")).isEqualTo(right);
        assertThat(info().strings("data")).containsOnlyKeys("kubeconfig", "jws-kubeconfig-joshua");
    }

    @Test
    void aTokenGoesWhenItsTimeIsUpAndItsSignatureWithIt() {
        String end = world.now().plus(Duration.ofHours(1)).toString();
        token("joshua", "joshua", "'usage-bootstrap-signing':'true','expiration':'" + end + "'");
        token("forevr", "forevr", "'usage-bootstrap-signing':'true'");
        token("badtim", "badtim", "'expiration':'tomorrow'");
        world.create(Resources.SECRETS, "kube-system", """
                {'apiVersion':'v1','kind':'Secret','metadata':{'name':'bootstrap-token-others'},'type':'Opaque',
                 'stringData':{'expiration':'2000-01-01T00:00:00Z'}}""");
        world.settle();
        assertThat(exists("badtim")).as("an end that nobody can read").isFalse();
        world.advance(Duration.ofMinutes(59));
        assertThat(exists("joshua")).isTrue();
        assertThat(signature("joshua")).isNotEmpty();
        world.advance(Duration.ofMinutes(1));
        assertThat(exists("joshua")).isFalse();
        assertThat(info().strings("data")).containsOnlyKeys("kubeconfig", "jws-kubeconfig-forevr");
        world.advance(Duration.ofDays(300));
        assertThat(exists("forevr")).isTrue();
        assertThat(exists("others")).as("no token").isTrue();
    }

    @Test
    void tokensElsewhereAreNone() {
        world.create(Resources.SECRETS, "default", """
                {'apiVersion':'v1','kind':'Secret','metadata':{'name':'bootstrap-token-joshua'},
                 'type':'bootstrap.kubernetes.io/token','stringData':{'token-id':'joshua','token-secret':'x',
                 'usage-bootstrap-signing':'true','expiration':'2000-01-01T00:00:00Z'}}""");
        world.settle();
        assertThat(info().strings("data")).containsOnlyKeys("kubeconfig");
        assertThat(world.exists(Resources.SECRETS, "default", "bootstrap-token-joshua"))
                .isTrue();
    }

    private void token(String name, String id, String more) {
        world.create(Resources.SECRETS, "kube-system", """
                {'apiVersion':'v1','kind':'Secret','metadata':{'name':'bootstrap-token-%s'},
                 'type':'bootstrap.kubernetes.io/token','stringData':{'token-id':'%s','token-secret':'%s',%s}}
                """.formatted(name, id, SECRET, more));
    }

    private boolean exists(String token) {
        return world.client().list(Resources.SECRETS, "kube-system", ListOptions.ALL).items().stream()
                .anyMatch(s -> s.name().equals("bootstrap-token-" + token));
    }

    private String signature(String token) {
        return info().string("data", "jws-kubeconfig-" + token);
    }

    private Unstructured info() {
        return world.client()
                .get(Resources.CONFIG_MAPS, "kube-public", "cluster-info")
                .object();
    }
}

package dev.coracle.controllers.externalsecrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.coracle.machinery.env.VirtualEnvironment;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/** What goes over the wire to AWS Secrets Manager, and what comes back. */
class SecretsManagerTest {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpOutbound outbound = new HttpOutbound(threads, Duration.ofSeconds(30));
    private LoopbackSecretsManager server;

    @BeforeEach
    void start() throws Exception {
        server = new LoopbackSecretsManager();
    }

    @AfterEach
    void stop() {
        outbound.close();
        server.close();
        threads.close();
    }

    private AwsSecrets client(String key, String session) throws Exception {
        return new AwsSecrets(
                outbound,
                AwsSecrets.endpoint("eu-central-1", server.endpoint()),
                new SignatureV4("eu-central-1", "secretsmanager", LoopbackSecretsManager.KEY_ID, key, session),
                List.of(LoopbackSecretsManager.KEY_ID, key, session),
                new VirtualEnvironment(1).environment().clock());
    }

    private AwsSecrets client() throws Exception {
        return client(LoopbackSecretsManager.KEY, "");
    }

    private static Provider.Ref ref(String key, String property) {
        return new Provider.Ref(key, property, "");
    }

    private static String text(byte[] value) {
        return new String(value, StandardCharsets.UTF_8);
    }

    private static ProviderException failure(AwsSecrets client, String key, String property) {
        return catchThrowableOfType(ProviderException.class, () -> client.get(ref(key, property)));
    }

    @Test
    void whatAmazonsOwnClientReadsIsReadTheSame() throws Exception {
        server.put("db", "{\"password\":\"hunter2\"}");
        try (SecretsManagerClient amazons = SecretsManagerClient.builder()
                .endpointOverride(URI.create(server.endpoint()))
                .region(Region.EU_CENTRAL_1)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(LoopbackSecretsManager.KEY_ID, LoopbackSecretsManager.KEY)))
                .build()) {
            String theirs = amazons.getSecretValue(r -> r.secretId("db")).secretString();
            assertThat(text(client().get(ref("db", "")))).isEqualTo(theirs);
            assertThatThrownBy(() -> amazons.getSecretValue(r -> r.secretId("none")))
                    .isInstanceOf(ResourceNotFoundException.class);
            assertThat(failure(client(), "none", "").isMissing()).isTrue();
        }
    }

    @Test
    void aSessionsTokenIsSentAndSigned() throws Exception {
        server.put("db", "x");
        assertThat(text(client(LoopbackSecretsManager.KEY, LoopbackSecretsManager.SESSION)
                        .get(ref("db", ""))))
                .isEqualTo("x");
    }

    @Test
    void aWrongKeyIsToldWithoutIt() throws Exception {
        server.put("db", "hunter2");
        ProviderException e = failure(client("wrong-key-of-mine", "session-token-of-mine"), "db", "");
        assertThat(e.kind()).isEqualTo(ProviderException.Kind.REFUSED);
        assertThat(e.text())
                .isEqualTo("operation error Secrets Manager: GetSecretValue, https response error StatusCode: 400, api"
                        + " error InvalidSignatureException: The request signature we calculated does not match the"
                        + " signature you provided.");
    }

    @Test
    void versionsAreStagesOrIds() throws Exception {
        server.put("db", "now");
        server.secrets.put("db#AWSPREVIOUS", "before");
        server.secrets.put("db#11111111", "once");
        AwsSecrets client = client();
        assertThat(text(client.get(ref("db", "")))).isEqualTo("now");
        assertThat(text(client.get(new Provider.Ref("db", "", "AWSPREVIOUS")))).isEqualTo("before");
        assertThat(text(client.get(new Provider.Ref("db", "", "uuid/11111111"))))
                .isEqualTo("once");
        client.get(ref("db", ""));
        assertThat(server.calls)
                .as("each once")
                .containsExactly(
                        "GetSecretValue db AWSCURRENT", "GetSecretValue db AWSPREVIOUS", "GetSecretValue db 11111111");
    }

    @Test
    void bytesAreBytes() throws Exception {
        byte[] bytes = {0, (byte) 0xff, 7};
        server.put("key", bytes);
        assertThat(client().get(ref("key", ""))).isEqualTo(bytes);
    }

    @Test
    void propertiesAreFoundByPath() throws Exception {
        server.put("db", "{\"a.b\":\"dotted\",\"a\":{\"b\":[{\"c\":1.10}]},\"n\":null,\"big\":12345678901234567890}");
        AwsSecrets client = client();
        assertThat(text(client.get(ref("db", "a.b")))).isEqualTo("dotted");
        assertThat(text(client.get(ref("db", "a.b.0.c")))).as("as written").isEqualTo("1.10");
        assertThat(text(client.get(ref("db", "a\\.b")))).isEqualTo("dotted");
        assertThat(text(client.get(ref("db", "a")))).isEqualTo("{\"b\":[{\"c\":1.10}]}");
        assertThat(text(client.get(ref("db", "n")))).isEmpty();
        assertThat(failure(client, "db", "a.x").text()).isEqualTo("key a.x does not exist in secret db");
        assertThat(failure(client, "db", "a.#").text())
                .isEqualTo("property \"a.#\": only names and indexes with dots between are supported");
        assertThat(client.extract(ref("db", "")))
                .containsOnlyKeys("a.b", "a", "n", "big")
                .containsEntry("big", "12345678901234567890".getBytes(StandardCharsets.UTF_8));
        assertThat(text(client.extract(ref("db", "a")).get("b"))).isEqualTo("[{\"c\":1.10}]");
    }

    @Test
    void whatIsNoObjectCannotBeTakenApartAndIsNotShown() throws Exception {
        server.put("db", "hunter2");
        AwsSecrets client = client();
        assertThatThrownBy(() -> client.extract(ref("db", "")))
                .hasMessage("unable to unmarshal secret db: it is no JSON object");
        assertThat(failure(client, "db", "password").text()).isEqualTo("key password does not exist in secret db");
    }

    @Test
    void namesAreFoundOverPages() throws Exception {
        server.put("apps/one", "1");
        server.put("apps/two", "2");
        server.put("other", "3");
        Map<String, byte[]> found = client().find("apps", "^apps/");
        assertThat(found).containsOnlyKeys("apps/one", "apps/two");
        assertThat(server.calls)
                .filteredOn(c -> c.startsWith("ListSecrets {Filters="))
                .hasSize(3);
        assertThatThrownBy(() -> client().find("", "(")).hasMessageStartingWith("error parsing regexp: ");
    }

    @Test
    void oneThatIsGoingIsGone() throws Exception {
        server.refusal =
                "InvalidRequestException:You can't perform this operation on the secret because it was marked for"
                        + " deletion.";
        assertThat(failure(client(), "db", "").isMissing()).isTrue();
        server.refusal = "com.amazonaws.secretsmanager#AccessDeniedException:User AKIDEXAMPLE is not authorized";
        assertThat(failure(client(), "db", "").text())
                .endsWith("api error AccessDeniedException: User [redacted] is not authorized");
        server.refusal = "ThrottlingException:Rate exceeded";
        assertThat(failure(client(), "db", "").kind()).isEqualTo(ProviderException.Kind.UNREACHABLE);
    }

    @Test
    void aServerThatIsNotThereIsToldByItsAddress() throws Exception {
        String endpoint = server.endpoint();
        AwsSecrets client = client();
        server.close();
        ProviderException e = failure(client, "db", "");
        assertThat(e.kind()).isEqualTo(ProviderException.Kind.UNREACHABLE);
        assertThat(e.text()).isEqualTo("POST " + endpoint + "/: connection refused");
    }

    @Test
    void regionsNameTheServerAndNothingElse() throws Exception {
        assertThat(AwsSecrets.endpoint("us-east-1", "")).hasToString("https://secretsmanager.us-east-1.amazonaws.com/");
        assertThat(AwsSecrets.endpoint("cn-north-1", ""))
                .hasToString("https://secretsmanager.cn-north-1.amazonaws.com.cn/");
        for (String region : List.of("evil.example/", "", "us-east-1.evil", "a@b", "us-east-1\n")) {
            assertThatThrownBy(() -> AwsSecrets.endpoint(region, ""))
                    .isInstanceOf(ProviderException.class)
                    .hasMessageStartingWith("region not found");
        }
        assertThatThrownBy(() -> AwsSecrets.endpoint("us-east-1", "ftp://x"))
                .hasMessage("AWS_SECRETSMANAGER_ENDPOINT is no address of a server");
    }
}

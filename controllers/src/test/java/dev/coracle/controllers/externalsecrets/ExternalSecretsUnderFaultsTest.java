package dev.coracle.controllers.externalsecrets;

import static dev.coracle.controllers.World.condition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Client;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Calls;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.World;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A server that refuses, and whose answers get lost after it did what was asked, and a Vault that is sealed now and then:
 * the Secret is at all times one that the Vault had, whole, and in the end the newest.
 */
class ExternalSecretsUnderFaultsTest {
    private static final Set<String> WRITES = Set.of("create", "update", "patch");

    private static List<Long> seeds() {
        return new Random(1).longs(5).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void allComesRight(long seed) throws Exception {
        Random random = new Random(seed);
        boolean[] faulty = {true};
        try (World world = new World(Path.of("unused"));
                LoopbackVault vault = new LoopbackVault();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Furniture.put(world.client());
            world.settle();
            Client erratic = Calls.answering(
                    world.client(),
                    (call, arguments) -> faulty[0] && random.nextInt(3) == 0
                            ? fail(world.client(), call, arguments, random.nextBoolean())
                            : Optional.empty());
            world.run(w -> new StoreController(with(w, erratic), world.recorder(), "", outbound(threads)))
                    .run(w -> new ExternalSecretController(with(w, erratic), world.recorder(), "", outbound(threads)))
                    .start();
            world.create(Resources.SECRETS, "default", """
                    {'apiVersion':'v1','kind':'Secret','metadata':{'name':'token'},'stringData':{'t':'%s'}}""".formatted(LoopbackVault.TOKEN));
            world.create(ExternalSecrets.STORES, "default", """
                    {'apiVersion':'external-secrets.io/v1','kind':'SecretStore','metadata':{'name':'vault'},'spec':{
                     'refreshInterval':60,'provider':{'vault':{'server':'%s','path':'secret',
                     'auth':{'tokenSecretRef':{'name':'token','key':'t'}}}}}}""".formatted(vault.address()));
            world.create(ExternalSecrets.RESOURCE, "default", """
                    {'apiVersion':'external-secrets.io/v1','kind':'ExternalSecret','metadata':{'name':'db'},'spec':{
                     'refreshInterval':'30s','secretStoreRef':{'name':'vault'},
                     'dataFrom':[{'extract':{'key':'db'}}]}}""");
            int last = 0;
            for (int i = 0; i < 12; i++) {
                last = i;
                vault.put("db", Map.of("user", "eve-" + i, "password", "p-" + i));
                vault.failing = random.nextInt(3) == 0 ? 503 : 0;
                world.advance(Duration.ofSeconds(random.nextInt(60)));
                check(world, i);
                if (random.nextInt(4) == 0 && world.exists(Resources.SECRETS, "default", "db")) {
                    world.delete(Resources.SECRETS, "default", "db", "");
                }
            }
            faulty[0] = false;
            vault.failing = 0;
            world.advance(Duration.ofMinutes(12));
            assertThat(check(world, last)).isEqualTo(last);
            assertThat(condition(world.get(ExternalSecrets.RESOURCE, "db"), "Ready")
                            .string("reason"))
                    .isEqualTo("SecretSynced");
        }
    }

    /** Which of the Vault's it is; -1 while there is none. */
    private static int check(World world, int newest) {
        if (!world.exists(Resources.SECRETS, "default", "db")) {
            return -1;
        }
        Map<String, String> data = world.get(Resources.SECRETS, "db").strings("data");
        for (int i = 0; i <= newest; i++) {
            if (data.equals(Map.of("user", base64("eve-" + i), "password", base64("p-" + i)))) {
                return i;
            }
        }
        throw new AssertionError("never in the Vault: " + data);
    }

    private static String base64(String text) {
        return java.util.Base64.getEncoder().encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static HttpOutbound outbound(ExecutorService threads) {
        return new HttpOutbound(threads, Duration.ofSeconds(30));
    }

    private static ControllerContext with(ControllerContext world, Client client) {
        return new ControllerContext(client, world.informers(), world.environment(), world.config());
    }

    /** @param lost whether it is done first */
    private static Optional<?> fail(Client client, String call, Object[] arguments, boolean lost) {
        if (!WRITES.contains(call)) {
            return Optional.empty();
        }
        if (lost && call.equals("create")) {
            client.create(
                    (GroupVersionResource) arguments[0],
                    (String) arguments[1],
                    (Unstructured) arguments[2],
                    (WriteOptions) arguments[3]);
        }
        throw StatusException.internal("something went wrong");
    }
}

package dev.coracle.controllers.sealedsecrets;

import static dev.coracle.controllers.World.condition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Calls;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.World;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A server that refuses, and whose answers get lost after it did what was asked: one key is made all the same, and a Secret
 * is at all times right or not there.
 */
class SealedSecretsUnderFaultsTest {
    private static final Set<String> WRITES = Set.of("create", "update", "patch");

    private static List<Long> seeds() {
        return new Random(1).longs(25).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void allComesRight(long seed) throws Exception {
        Random random = new Random(seed);
        boolean[] faulty = {true};
        try (World world = new World(Path.of("unused"))) {
            Furniture.put(world.client());
            world.settle();
            Client erratic = Calls.answering(
                    world.client(),
                    (call, arguments) -> faulty[0] && random.nextInt(3) == 0
                            ? fail(world.client(), call, arguments, random.nextBoolean())
                            : Optional.empty());
            world.run(w -> new KeyController(with(w, erratic), () -> Pairs.of(faulty[0] ? 0 : 1)))
                    .run(w -> new SealedSecretController(with(w, erratic), world.recorder()))
                    .start();
            world.client().create(SealedSecrets.RESOURCE, "default", sealed(), WriteOptions.DEFAULT);
            for (int i = 0; i < 6; i++) {
                world.advance(Duration.ofMillis(random.nextInt(500)));
                if (world.exists(Resources.SECRETS, "default", "db")) {
                    assertThat(world.get(Resources.SECRETS, "db").strings("data"))
                            .as("all or nothing")
                            .containsKeys("user", "password");
                    if (random.nextBoolean()) {
                        world.delete(Resources.SECRETS, "default", "db", "");
                    } else {
                        world.patch(Resources.SECRETS, "default", "db", "{'data':{'password':'eHh4'}}");
                    }
                }
            }
            faulty[0] = false;
            world.advance(Duration.ofMinutes(30));
            assertThat(world.get(Resources.SECRETS, "db").strings("data"))
                    .isEqualTo(Map.of("user", "ZXZl", "password", "aHVudGVyMg=="));
            assertThat(condition(world.get(SealedSecrets.RESOURCE, "db"), "Synced")
                            .string("status"))
                    .isEqualTo("True");
            assertThat(world.list(Resources.SECRETS, "kube-system"))
                    .filteredOn(s -> s.name().startsWith("sealed-secrets-key"))
                    .hasSize(1);
            world.advance(Duration.ofDays(31));
            assertThat(new KeyRing(() -> world.client()
                                    .list(Resources.SECRETS, "kube-system", ListOptions.ALL)
                                    .items())
                            .newest())
                    .as("a new pair, not one that was tried before")
                    .hasValueSatisfying(
                            k -> assertThat(k.publicKey()).isEqualTo(Pairs.of(1).getPublic()));
        }
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

    private static Unstructured sealed() {
        return SealedSecrets.seal(
                World.tree("{'apiVersion':'v1','kind':'Secret','metadata':{'name':'db','namespace':'default'},"
                        + "'data':{'user':'ZXZl','password':'aHVudGVyMg=='}}"),
                (RSAPublicKey) Pairs.of(0).getPublic(),
                new VirtualEnvironment(1).environment().entropy());
    }
}

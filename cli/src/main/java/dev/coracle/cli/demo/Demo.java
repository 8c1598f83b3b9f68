package dev.coracle.cli.demo;

import dev.coracle.client.Client;
import dev.coracle.cluster.Cluster;
import dev.coracle.cluster.ClusterDescription;
import dev.coracle.cluster.ClusterPaths;
import dev.coracle.cluster.pki.KeyPairPem;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.oci.OciImageStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Puts FlowForge on a started cluster, from images to an answer through the ingress; each part is a step. */
public final class Demo {
    private static final String NAMESPACE = "flowforge";
    private static final String HOST = "flowforge.local";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Cluster cluster;
    private final ClusterDescription description;
    private final ClusterPaths paths;
    private final Environment environment;
    private final Consumer<String> lines;
    private final Steps steps;
    private final Path dist;

    /** Runs a part of the work and tells how it went. */
    @FunctionalInterface
    public interface Steps {
        void step(String what, Action action) throws Exception;
    }

    @FunctionalInterface
    public interface Action {
        void run() throws Exception;
    }

    /**
     * @param cluster started
     * @param dist the source tree, built
     * @param lines what the user reads at the end
     */
    public Demo(
            Cluster cluster,
            ClusterDescription description,
            ClusterPaths paths,
            Environment environment,
            Path dist,
            Consumer<String> lines,
            Steps steps) {
        this.cluster = cluster;
        this.description = description;
        this.paths = paths;
        this.environment = environment;
        this.dist = dist;
        this.lines = lines;
        this.steps = steps;
    }

    /** Returns when FlowForge answers at its URL. */
    public void run() throws Exception {
        steps.step("images of FlowForge, PostgreSQL and busybox", () -> load(images()));
        Client client = cluster.client();
        List<Unstructured> objects = Kustomization.read(dist.resolve("flowforge/deploy/local"));
        try (Rollouts rollouts = new Rollouts(client, environment)) {
            steps.step("applied flowforge/deploy/local", () -> apply(client, objects));
            for (Unstructured o : objects) {
                if (o.kind().equals("Deployment")) {
                    String replicas = o.integer(1, "spec", "replicas") + "/" + o.integer(1, "spec", "replicas");
                    steps.step(o.name() + " " + replicas, () -> rollouts.await(o.namespace(), o.name(), PATIENCE));
                }
            }
        }
        steps.step(
                "https://" + HOST + " answers",
                () -> new FrontDoor(address(), HOST, cluster.pki().caCertificate())
                        .await("/health", environment, Duration.ofSeconds(20)));
        explain(client);
    }

    private List<ImageFile> images() throws IOException {
        Path javaHome = Path.of(System.getProperty("java.home"));
        return new FlowForgeImages(dist, javaHome, paths.home().resolve("build")).build();
    }

    private void load(List<ImageFile> files) {
        OciImageStore store = cluster.images();
        for (ImageFile file : files) {
            boolean present = file.ids().entrySet().stream()
                    .allMatch(e -> store.imageStatus(e.getKey())
                            .filter(i -> i.id().equals(e.getValue()))
                            .isPresent());
            if (!present) {
                store.loadImage(file.archive());
            }
        }
    }

    private void apply(Client client, List<Unstructured> objects) {
        Apply apply = new Apply(client, "coracle-demo");
        for (Unstructured o : objects) {
            apply.apply(o);
            if (o.kind().equals("Namespace") && o.name().equals(NAMESPACE)) {
                apply.apply(certificate());
            }
        }
    }

    /** The Ingress' Secret; the key pair is kept with the cluster's, so that it outlives {@code down} and {@code up}. */
    private Unstructured certificate() {
        KeyPairPem pair = cluster.pki().server("flowforge", HOST, List.of(HOST));
        return Unstructured.of("v1", "Secret", NAMESPACE, "flowforge-tls")
                .set("kubernetes.io/tls", "type")
                .set(Map.of("tls.crt", base64(pair.certificate()), "tls.key", base64(pair.key())), "data");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    private String address() {
        return description.network().nodeIp(0);
    }

    /** The demo's API key is no secret: it stands in the manifests. */
    private void explain(Client client) {
        String key = client.get(Resources.SECRETS, NAMESPACE, "flowforge-secrets")
                .object()
                .string("data", "API_KEY");
        String common = "curl --cacert " + paths.pki().resolve("ca.crt") + " --resolve " + HOST + ":443:" + address()
                + " -H 'X-API-Key: " + new String(Base64.getDecoder().decode(key), StandardCharsets.UTF_8) + "'";
        lines.accept("");
        lines.accept("FlowForge   https://" + HOST + "  (" + address() + ")");
        lines.accept("add a task  " + common + " -d '{\"type\":\"hash\",\"payload\":{\"text\":\"hello\"}}' https://"
                + HOST + "/api/tasks");
        lines.accept("see it done " + common + " https://" + HOST + "/api/tasks");
    }
}

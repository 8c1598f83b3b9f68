package dev.coracle.cli;

import dev.coracle.cli.kubectl.print.JsonText;
import dev.coracle.cli.kubectl.print.YamlText;
import dev.coracle.client.https.Connection;
import dev.coracle.client.https.Kubeconfig;
import dev.coracle.client.https.Transport;
import dev.coracle.controllers.sealedsecrets.Scope;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "seal",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a SealedSecret of a Secret, as kubeseal does: only the cluster can open it, so it may lie in a",
            "repository. For clusters that were started with --with sealed-secrets."
        })
final class SealCommand implements Callable<Integer> {
    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Option(
            names = {"-f", "--secret-file"},
            paramLabel = "FILE",
            description = "The Secret, YAML or JSON (default: standard input).")
    private @Nullable Path input;

    @Option(
            names = {"-w", "--sealed-secret-file"},
            paramLabel = "FILE",
            description = "Where to write (default: standard output).")
    private @Nullable Path output;

    @Option(
            names = {"-o", "--format"},
            paramLabel = "yaml|json",
            defaultValue = "json",
            description = "Default: ${DEFAULT-VALUE}.")
    private String format = "json";

    @Option(
            names = "--scope",
            paramLabel = "SCOPE",
            defaultValue = "strict",
            description = {
                "Where it can be opened: strict (under its name in its namespace), namespace-wide, cluster-wide.",
                "Default: what the Secret's annotations say, or strict."
            })
    private String scope = "strict";

    @Option(
            names = "--cert",
            paramLabel = "FILE",
            description = "The certificate to seal with (default: the cluster's newest).")
    private @Nullable Path certificate;

    @Option(
            names = {"-n", "--namespace"},
            defaultValue = "default",
            description = "Of a Secret that names none, or with --raw (default: ${DEFAULT-VALUE}).")
    private String namespace = "default";

    @Option(names = "--secret", paramLabel = "NAME", description = "The Secret's name; kubeseal's --name.")
    private String secret = "";

    @Option(names = "--allow-empty-data", description = "Seals a Secret without any value too.")
    private boolean allowEmpty;

    @Option(names = "--raw", description = "Seals one value, for spec.encryptedData of a SealedSecret.")
    private boolean raw;

    @Option(names = "--from-file", paramLabel = "FILE", description = "With --raw: the value.")
    private List<String> files = List.of();

    @Option(names = "--fetch-cert", description = "Prints the cluster's certificate, for --cert.")
    private boolean fetch;

    @Option(names = "--validate", description = "Asks the cluster whether it can open a SealedSecret.")
    private boolean validate;

    @Option(names = "--re-encrypt", description = "Has a SealedSecret sealed anew with the newest key.")
    private boolean reEncrypt;

    @Override
    public Integer call() throws IOException {
        if (!List.of("json", "yaml").contains(format.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("unsupported output format: " + format);
        }
        Scope place;
        try {
            place = Scope.of(scope);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--scope: \"" + scope + "\" " + e.getMessage());
        }
        if (!files.isEmpty() && !raw) {
            throw new IllegalArgumentException("--from-file requires --raw");
        }
        try (var system = new SystemEnvironment((task, e) ->
                System.getLogger("coracle.seal").log(System.Logger.Level.DEBUG, "task " + task + " failed", e))) {
            run(place, system.environment());
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("open " + e.getFile() + ": no such file or directory");
        }
        return 0;
    }

    private void run(Scope place, Environment environment) throws IOException {
        Sealer sealer = new Sealer(environment);
        if (validate) {
            String text = text();
            asking(environment, api -> {
                Sealer.validate(api, text);
                return "";
            });
        } else if (reEncrypt) {
            String text = text();
            write(shown(asking(environment, api -> Sealer.reEncrypt(api, text))));
        } else if (fetch) {
            write(pem(environment));
        } else if (raw) {
            byte[] value = value(place);
            write(sealer.raw(value, sealer.key(pem(environment)), place, secret, namespace));
        } else {
            var key = sealer.key(pem(environment));
            write(shown(sealer.seal(text(), key, place, secret, namespace, allowEmpty)));
        }
    }

    private byte[] value(Scope place) throws IOException {
        if (secret.isEmpty() && place == Scope.STRICT) {
            throw new IllegalArgumentException("must provide the --secret flag with --raw and --scope " + place);
        }
        if (files.size() != 1) {
            throw new IllegalArgumentException(
                    files.isEmpty()
                            ? "must provide the --from-file flag with --raw"
                            : "must provide only one --from-file when encrypting a single item with --raw");
        }
        String file = files.getFirst();
        // As kubectl has it, a name may stand before the file.
        return Files.readAllBytes(Path.of(file.substring(file.indexOf('=') + 1)));
    }

    private String pem(Environment environment) throws IOException {
        Path file = certificate;
        return file != null ? Files.readString(file) : asking(environment, Sealer::certificate);
    }

    private <T> T asking(Environment environment, Function<Transport, T> question) throws IOException {
        if (!cluster.existing().running()) {
            throw new IllegalStateException("cluster \"" + cluster.paths().name() + "\" is down");
        }
        try (var connection =
                new Connection(Kubeconfig.read(cluster.paths().kubeconfig()).endpoint(), environment)) {
            return question.apply(connection);
        } catch (UncheckedIOException e) {
            throw new IllegalStateException("the cluster does not answer: " + e.getMessage(), e);
        }
    }

    private String text() throws IOException {
        Path file = input;
        return file != null ? Files.readString(file) : new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    }

    private String shown(Unstructured sealed) {
        return format.equalsIgnoreCase("yaml") ? "---\n" + YamlText.of(sealed.map()) : JsonText.pretty(sealed.map());
    }

    private void write(String text) throws IOException {
        Path file = output;
        if (file != null) {
            Files.writeString(file, text);
        } else {
            System.out.print(text);
            System.out.flush();
        }
    }
}

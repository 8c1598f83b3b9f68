package dev.coracle.schema.generator;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What neither artifact says, written down by hand: names of Go's string types, their values, names of groups. */
final class Facts {
    /** Groups whose name is that of their Go package. */
    private static final List<String> PLAIN = List.of("apps", "autoscaling", "batch", "policy", "extensions");

    /** By {@code core.v1.PodSpec.restartPolicy}. */
    private final Map<String, List<String>> flags = new HashMap<>();

    /** {@code core.v1.PodSpec.priority} for each scalar that is a pointer in Go. */
    private final Set<String> pointers = new HashSet<>();

    static Facts read() {
        Facts facts = new Facts();
        lines("facts.txt").forEach(facts::line);
        for (String[] words : lines("pointers.txt")) {
            Stream.of(words).skip(1).forEach(field -> facts.pointers.add(words[0] + "." + field));
        }
        return facts;
    }

    private static List<String[]> lines(String file) {
        return text(file)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.strip().split("\\s+"))
                .toList();
    }

    /** A file of this package. */
    static String text(String file) {
        try (InputStream in = Objects.requireNonNull(Facts.class.getResourceAsStream(file))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param message {@code k8s.io.api.core.v1.PodSpec} */
    boolean pointer(String message, String field) {
        String[] parts = message.split("\\.");
        int n = parts.length;
        return pointers.contains(parts[n - 3] + "." + parts[n - 2] + "." + parts[n - 1] + "." + field);
    }

    /**
     * {@code core.v1.PodSpec.restartPolicy RestartPolicy Always,Never,OnFailure}; the first may name several by |. Words
     * with {@code =} are flags as they are.
     */
    private void line(String[] words) {
        int dot = words[0].lastIndexOf('.');
        String version = words[0].split("\\.")[1];
        for (String property : words[0].substring(dot + 1).split("\\|")) {
            List<String> list = new ArrayList<>();
            if (words[1].contains("=")) {
                list.addAll(List.of(words).subList(1, words.length));
                flags.put(words[0].substring(0, dot + 1) + property, list);
                continue;
            }
            list.add("go=" + (words[1].contains(".") ? words[1] : version + "." + words[1]));
            if (words.length > 2) {
                list.add("enum=" + words[2]);
            }
            flags.put(words[0].substring(0, dot + 1) + property, list);
        }
    }

    List<String> of(String definition, String property) {
        String[] parts = definition.split("\\.");
        int n = parts.length;
        String key = parts[n - 3] + "." + parts[n - 2] + "." + parts[n - 1] + "." + property;
        return flags.getOrDefault(key, List.of());
    }

    /** {@code io.k8s.api.apps.v1.Deployment} for {@code k8s.io.api.apps.v1.Deployment}. */
    String definitionName(String message) {
        return message.replaceFirst("^k8s\\.io\\.", "io.k8s.")
                .replace("apiextensions_apiserver", "apiextensions-apiserver");
    }

    /** {@code apps/v1} for {@code io.k8s.api.apps.v1.Deployment}. */
    @Nullable
    String group(String definition) {
        String[] parts = definition.split("\\.");
        String version = parts[parts.length - 2];
        String name = parts[parts.length - 3];
        String group = switch (name) {
            case "core", "meta" -> "";
            case "rbac" -> "rbac.authorization.k8s.io";
            case "flowcontrol" -> "flowcontrol.apiserver.k8s.io";
            case "apiserverinternal" -> "internal.apiserver.k8s.io";
            default -> PLAIN.contains(name) ? name : name + ".k8s.io";
        };
        return group.isEmpty() ? version : group + "/" + version;
    }

    /** Where protobuf and JSON name a field differently. */
    String jsonName(String message, String field) {
        if (!message.equals("JSONSchemaProps")) {
            return field;
        }
        return switch (field) {
            case "ref", "schema" -> "$" + field;
            default ->
                field.startsWith("xKubernetes")
                        ? field.replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT)
                        : field;
        };
    }

    /** The JSON of a {@code +default}, which may refer to a Go constant. */
    String constant(String value) {
        return switch (value) {
            case "ref(AzureDataDiskCachingReadWrite)" -> "\"ReadWrite\"";
            case "ref(AzureSharedBlobDisk)" -> "\"Shared\"";
            default -> value;
        };
    }
}

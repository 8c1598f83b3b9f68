package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Objects made from flags: {@code create namespace|deployment|configmap|secret generic|serviceaccount NAME}. */
final class Generators {
    private Generators() {}

    static Unstructured make(Flags.Line line) throws IOException {
        List<String> a = line.arguments();
        String kind = a.getFirst();
        boolean secret = kind.equals("secret");
        if (secret && (a.size() < 2 || !a.get(1).equals("generic"))) {
            throw new Failure("create secret: \"generic\" is the only kind of secret made from flags here");
        }
        List<String> names = a.subList(secret ? 2 : 1, a.size());
        if (names.size() != 1) {
            throw new Failure("exactly one NAME is required, got " + names.size());
        }
        String name = names.getFirst();
        return switch (kind) {
            case "namespace", "ns" -> Unstructured.of("v1", "Namespace", "", name);
            case "serviceaccount", "sa" -> Unstructured.of("v1", "ServiceAccount", "", name);
            case "deployment", "deploy" -> deployment(line, name);
            case "configmap", "cm" -> configMap(line, name);
            case "secret" -> secret(line, name);
            default -> throw new Failure("unknown command \"" + kind + "\" for \"kubectl create\"");
        };
    }

    private static Unstructured deployment(Flags.Line line, String name) {
        if (line.all("image").isEmpty()) {
            throw new Failure("required flag(s) \"image\" not set");
        }
        Map<String, Object> labels = new LinkedHashMap<>(Map.of("app", name));
        Unstructured d = Unstructured.of("apps/v1", "Deployment", "", name)
                .set(labels, "metadata", "labels")
                .set(line.number("replicas", 1), "spec", "replicas")
                .set(labels, "spec", "selector", "matchLabels")
                .set(labels, "spec", "template", "metadata", "labels");
        for (String image : line.all("image")) {
            String base = image.substring(image.lastIndexOf('/') + 1).replaceFirst("[:@].*", "");
            Unstructured c =
                    new Unstructured(new LinkedHashMap<>()).set(image, "image").set(base, "name");
            if (line.has("port")) {
                c.add(new LinkedHashMap<>(Map.of("containerPort", line.number("port", 0))), "ports");
            }
            d.add(c, "spec", "template", "spec", "containers");
        }
        return d;
    }

    private static Unstructured configMap(Flags.Line line, String name) throws IOException {
        Unstructured cm = Unstructured.of("v1", "ConfigMap", "", name);
        for (var e : data(line).entrySet()) {
            String text = text(e.getValue());
            if (text == null) {
                cm.set(Base64.getEncoder().encodeToString(e.getValue()), "binaryData", e.getKey());
            } else {
                cm.set(text, "data", e.getKey());
            }
        }
        return cm;
    }

    private static Unstructured secret(Flags.Line line, String name) throws IOException {
        Unstructured s = Unstructured.of("v1", "Secret", "", name).set(line.get("type", "Opaque"), "type");
        for (var e : data(line).entrySet()) {
            s.set(Base64.getEncoder().encodeToString(e.getValue()), "data", e.getKey());
        }
        return s;
    }

    private static @org.jspecify.annotations.Nullable String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(java.nio.ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static Map<String, byte[]> data(Flags.Line line) throws IOException {
        Map<String, byte[]> data = new TreeMap<>();
        for (String literal : line.all("from-literal")) {
            pair(data, literal, "literal");
        }
        for (String file : line.all("from-env-file")) {
            for (String l : Files.readAllLines(Path.of(file))) {
                if (!l.isBlank() && !l.startsWith("#")) {
                    pair(data, l, "env");
                }
            }
        }
        for (String given : line.all("from-file")) {
            int equals = given.indexOf('=');
            Path path = Path.of(equals < 0 ? given : given.substring(equals + 1));
            if (Files.isDirectory(path)) {
                try (var files = Files.list(path)) {
                    for (Path f : files.filter(Files::isRegularFile).sorted().toList()) {
                        put(data, "" + f.getFileName(), Files.readAllBytes(f));
                    }
                }
            } else if (!Files.exists(path)) {
                throw new Failure("error reading " + path + ": no such file or directory");
            } else {
                put(data, equals < 0 ? "" + path.getFileName() : given.substring(0, equals), Files.readAllBytes(path));
            }
        }
        return data;
    }

    private static void pair(Map<String, byte[]> data, String text, String what) {
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw new Failure("invalid " + what + " source " + text + ", expected key=value");
        }
        put(data, text.substring(0, equals), text.substring(equals + 1).getBytes(StandardCharsets.UTF_8));
    }

    private static void put(Map<String, byte[]> data, String key, byte[] value) {
        if (data.put(key, value) != null) {
            throw new Failure("cannot add key \"" + key + "\", another key by that name already exists in Data");
        }
    }
}

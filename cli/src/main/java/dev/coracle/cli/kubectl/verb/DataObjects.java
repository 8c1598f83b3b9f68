package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.client.pem.Pem;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** ConfigMaps and Secrets from literals, files and lines of an environment. */
final class DataObjects {
    private DataObjects() {}

    static Unstructured configMap(Flags.Line line, String name) throws IOException {
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

    static Unstructured secret(Flags.Line line, String type, String name) throws IOException {
        Map<String, byte[]> data = switch (type) {
            case "tls" -> pair(line);
            case "docker-registry" -> registry(line);
            default -> data(line);
        };
        String standard = switch (type) {
            case "tls" -> "kubernetes.io/tls";
            case "docker-registry" -> "kubernetes.io/dockerconfigjson";
            default -> line.get("type", "Opaque");
        };
        Unstructured s = Unstructured.of("v1", "Secret", "", name).set(standard, "type");
        data.forEach((key, value) -> s.set(Base64.getEncoder().encodeToString(value), "data", key));
        return s;
    }

    /** A certificate and its key, which must be a pair. */
    private static Map<String, byte[]> pair(Flags.Line line) throws IOException {
        Map<String, byte[]> data = new TreeMap<>();
        for (String flag : List.of("cert", "key")) {
            if (line.get(flag).isEmpty()) {
                throw new Failure(flag + " must be specified");
            }
            Path file = Path.of(line.get(flag));
            if (!Files.exists(file)) {
                throw new Failure("open " + file + ": no such file or directory");
            }
            data.put(flag.equals("cert") ? "tls.crt" : "tls.key", Files.readAllBytes(file));
        }
        try {
            var certificate = Pem.certificates(new String(data.get("tls.crt"), StandardCharsets.UTF_8))
                    .getFirst();
            if (!Pem.belong(
                    Pem.privateKey(new String(data.get("tls.key"), StandardCharsets.UTF_8)),
                    certificate.getPublicKey())) {
                throw new Failure("tls: private key does not match public key");
            }
        } catch (GeneralSecurityException e) {
            throw new Failure("tls: " + e.getMessage());
        }
        return data;
    }

    private static Map<String, byte[]> registry(Flags.Line line) throws IOException {
        if (!line.all("from-file").isEmpty()) {
            Map<String, byte[]> files = data(line);
            return Map.of(".dockerconfigjson", files.values().iterator().next());
        }
        for (String needed : List.of("docker-username", "docker-password")) {
            if (line.get(needed).isEmpty()) {
                throw new Failure("either --from-file or the combination of --docker-username, --docker-password and"
                        + " --docker-server is required");
            }
        }
        String user = line.get("docker-username");
        String password = line.get("docker-password");
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("username", user);
        entry.put("password", password);
        if (!line.get("docker-email").isEmpty()) {
            entry.put("email", line.get("docker-email"));
        }
        entry.put("auth", Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)));
        String server = line.get("docker-server", "https://index.docker.io/v1/");
        return Map.of(".dockerconfigjson", Json.bytes(Map.of("auths", Map.of(server, entry))));
    }

    private static @Nullable String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
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

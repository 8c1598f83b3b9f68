package dev.coracle.kubelet.volume;

import dev.coracle.client.Client;
import dev.coracle.kubelet.field.PodFields;
import dev.coracle.kubelet.field.ResourceFields;
import dev.coracle.kubelet.volume.AtomicWriter.Content;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The files that ConfigMaps, Secrets, a pod's own fields and service account tokens make. */
final class ApiContents {
    private record Token(String text, Instant renewAt) {}

    private final Client client;
    private final Environment environment;
    private final ResourceFields resources;
    private final Map<String, Token> tokens = new ConcurrentHashMap<>();

    ApiContents(Client client, Environment environment, ResourceFields resources) {
        this.client = client;
        this.environment = environment;
        this.resources = resources;
    }

    /** @param source the value of {@code configMap}, of a volume or of a projection */
    Map<String, Content> configMap(Unstructured pod, Unstructured source, int mode) {
        String name = source.string("name");
        Map<String, byte[]> data = new LinkedHashMap<>();
        boolean optional = source.bool("optional");
        try {
            Unstructured map =
                    client.get(Resources.CONFIG_MAPS, pod.namespace(), name).object();
            map.strings("data").forEach((k, v) -> data.put(k, v.getBytes(StandardCharsets.UTF_8)));
            map.strings("binaryData")
                    .forEach((k, v) -> data.put(k, Base64.getDecoder().decode(v)));
        } catch (StatusException e) {
            if (!e.isNotFound() || !optional) {
                throw e.isNotFound() ? new VolumeException("configmap \"" + name + "\" not found") : e;
            }
        }
        return select(data, source.objects("items"), mode, optional, "configmap");
    }

    Map<String, Content> secret(Unstructured pod, Unstructured source, String name, int mode) {
        Map<String, byte[]> data = new LinkedHashMap<>();
        boolean optional = source.bool("optional");
        try {
            Unstructured secret =
                    client.get(Resources.SECRETS, pod.namespace(), name).object();
            secret.strings("data")
                    .forEach((k, v) -> data.put(k, Base64.getDecoder().decode(v)));
        } catch (StatusException e) {
            if (!e.isNotFound() || !optional) {
                throw e.isNotFound() ? new VolumeException("secret \"" + name + "\" not found") : e;
            }
        }
        return select(data, source.objects("items"), mode, optional, "secret");
    }

    private static Map<String, Content> select(
            Map<String, byte[]> data, List<Unstructured> items, int mode, boolean optional, String what) {
        Map<String, Content> files = new LinkedHashMap<>();
        if (items.isEmpty()) {
            data.forEach((k, v) -> files.put(k, new Content(v, mode)));
            return files;
        }
        for (Unstructured item : items) {
            byte[] bytes = data.get(item.string("key"));
            if (bytes != null) {
                files.put(path(item), new Content(bytes, (int) item.integer(mode, "mode")));
            } else if (!optional) {
                throw new VolumeException(what + " references non-existent " + what.replace("configmap", "config")
                        + " key: " + item.string("key"));
            }
        }
        return files;
    }

    /** Validation keeps {@code ..} out; checked again, since this decides where on the host is written. */
    private static String path(Unstructured item) {
        String path = item.string("path");
        if (path.isEmpty() || path.startsWith("/") || List.of(path.split("/")).contains("..")) {
            throw new VolumeException("invalid path \"" + path + "\": must be relative and must not contain '..'");
        }
        return path;
    }

    Map<String, Content> downward(Unstructured pod, List<Unstructured> items, int mode) {
        Map<String, Content> files = new LinkedHashMap<>();
        for (Unstructured item : items) {
            String value;
            try {
                value = item.has("fieldRef")
                        ? PodFields.value(pod, item.string("fieldRef", "fieldPath"))
                        : resources.value(
                                container(pod, item.string("resourceFieldRef", "containerName")),
                                item.object("resourceFieldRef"));
            } catch (IllegalArgumentException e) {
                throw new VolumeException(String.valueOf(e.getMessage()));
            }
            files.put(
                    path(item), new Content(value.getBytes(StandardCharsets.UTF_8), (int) item.integer(mode, "mode")));
        }
        return files;
    }

    private static Unstructured container(Unstructured pod, String name) {
        return pod.objects("spec", "containers").stream()
                .filter(c -> c.string("name").equals(name))
                .findFirst()
                .orElseThrow(() -> new VolumeException("container " + name + " not found"));
    }

    Map<String, Content> projected(Unstructured pod, String volume, Unstructured source) {
        int mode = (int) source.integer(0644, "defaultMode");
        Map<String, Content> files = new LinkedHashMap<>();
        for (Unstructured s : source.objects("sources")) {
            if (s.has("configMap")) {
                files.putAll(configMap(pod, s.object("configMap"), mode));
            } else if (s.has("secret")) {
                Unstructured secret = s.object("secret");
                files.putAll(secret(pod, secret, secret.string("name"), mode));
            } else if (s.has("downwardAPI")) {
                files.putAll(downward(pod, s.objects("downwardAPI", "items"), mode));
            } else if (s.has("serviceAccountToken")) {
                Unstructured token = s.object("serviceAccountToken");
                long owner = user(pod);
                boolean personal = owner >= 0 || pod.has("spec", "securityContext", "fsGroup");
                byte[] text = token(pod, volume, token).getBytes(StandardCharsets.UTF_8);
                files.put(path(token), new Content(text, personal ? 0600 : mode & 0777, owner));
            } else {
                throw new VolumeException("projected source " + s.map().keySet() + " is not supported");
            }
        }
        return files;
    }

    /** The user that all containers of the pod run as, who alone needs to read its token; -1 when there is no such. */
    private static long user(Unstructured pod) {
        long all = -1;
        for (String list : List.of("initContainers", "containers")) {
            for (Unstructured c : pod.objects("spec", list)) {
                long own = c.integer(
                        pod.integer(-1, "spec", "securityContext", "runAsUser"), "securityContext", "runAsUser");
                if (own < 0 || all >= 0 && own != all) {
                    return -1;
                }
                all = own;
            }
        }
        return all;
    }

    private String token(Unstructured pod, String volume, Unstructured source) {
        String key = pod.uid() + "/" + volume + "/" + source.string("path");
        Token known = tokens.get(key);
        if (known != null && environment.clock().now().isBefore(known.renewAt())) {
            return known.text();
        }
        long seconds = source.integer(3600, "expirationSeconds");
        Unstructured request = Unstructured.of("authentication.k8s.io/v1", "TokenRequest")
                .set(seconds, "spec", "expirationSeconds")
                .set("v1", "spec", "boundObjectRef", "apiVersion")
                .set("Pod", "spec", "boundObjectRef", "kind")
                .set(pod.name(), "spec", "boundObjectRef", "name")
                .set(pod.uid(), "spec", "boundObjectRef", "uid");
        if (source.has("audience")) {
            request.set(List.of(source.string("audience")), "spec", "audiences");
        }
        String account = pod.stringOr("default", "spec", "serviceAccountName");
        try {
            String text = client.post(Resources.SERVICE_ACCOUNTS, pod.namespace(), account, "token", request)
                    .string("status", "token");
            // As upstream, a token is renewed when a fifth of its life is left.
            tokens.put(key, new Token(text, environment.clock().now().plusSeconds(seconds * 4 / 5)));
            return text;
        } catch (StatusException e) {
            throw new VolumeException("failed to fetch token: " + e.getMessage());
        }
    }

    /** When a token of the pod must be renewed; a year when it has none. */
    Duration renewal(String uid) {
        Duration soonest = Duration.ofDays(365);
        for (Map.Entry<String, Token> e : tokens.entrySet()) {
            if (e.getKey().startsWith(uid + "/")) {
                Duration left =
                        Duration.between(environment.clock().now(), e.getValue().renewAt());
                soonest = left.compareTo(soonest) < 0 ? left : soonest;
            }
        }
        return soonest;
    }

    void forget(String uid) {
        tokens.keySet().removeIf(k -> k.startsWith(uid + "/"));
    }
}

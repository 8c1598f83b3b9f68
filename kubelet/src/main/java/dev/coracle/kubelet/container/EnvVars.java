package dev.coracle.kubelet.container;

import dev.coracle.client.Client;
import dev.coracle.kubelet.field.PodFields;
import dev.coracle.kubelet.field.ResourceFields;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A container's environment. Later entries win over earlier ones, {@code env} over {@code envFrom}, both over what
 * Services contribute.
 */
final class EnvVars {
    private final Client client;
    private final ResourceFields resources;

    EnvVars(Client client, ResourceFields resources) {
        this.client = client;
        this.resources = resources;
    }

    /**
     * @param services those the pod may learn of
     * @throws ConfigException when an object or a key that is not optional is missing
     */
    Map<String, String> of(Unstructured pod, Unstructured container, List<Unstructured> services) {
        Map<String, Optional<Unstructured>> fetched = new HashMap<>();
        Map<String, String> fromServices = services(pod, services);
        Map<String, String> env = new LinkedHashMap<>();
        for (Unstructured from : container.objects("envFrom")) {
            boolean config = from.has("configMapRef");
            String ref = config ? "configMapRef" : "secretRef";
            String prefix = from.string("prefix");
            source(pod, from.object(ref), config, fetched).forEach((k, v) -> env.put(prefix + k, v));
        }
        for (Unstructured var : container.objects("env")) {
            String name = var.string("name");
            if (var.has("valueFrom")) {
                valueFrom(pod, container, var.object("valueFrom"), fetched).ifPresent(v -> env.put(name, v));
            } else {
                Map<String, String> known = new HashMap<>(fromServices);
                known.putAll(env);
                env.put(name, Expansion.expand(var.string("value"), known));
            }
        }
        fromServices.forEach(env::putIfAbsent);
        return env;
    }

    private Optional<String> valueFrom(
            Unstructured pod, Unstructured container, Unstructured from, Map<String, Optional<Unstructured>> fetched) {
        try {
            if (from.has("fieldRef")) {
                return Optional.of(PodFields.value(pod, from.string("fieldRef", "fieldPath")));
            }
            if (from.has("resourceFieldRef")) {
                String of = from.string("resourceFieldRef", "containerName");
                Unstructured c = pod.objects("spec", "containers").stream()
                        .filter(x -> x.string("name").equals(of))
                        .findFirst()
                        .orElse(container);
                return Optional.of(resources.value(c, from.object("resourceFieldRef")));
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
        boolean config = from.has("configMapKeyRef");
        if (!config && !from.has("secretKeyRef")) {
            throw new ConfigException("unsupported valueFrom: " + from.map().keySet());
        }
        Unstructured ref = from.object(config ? "configMapKeyRef" : "secretKeyRef");
        String value = source(pod, ref, config, fetched).get(ref.string("key"));
        if (value == null && !ref.bool("optional")) {
            throw new ConfigException("couldn't find key " + ref.string("key") + " in "
                    + (config ? "ConfigMap " : "Secret ") + pod.namespace() + "/" + ref.string("name"));
        }
        return Optional.ofNullable(value);
    }

    private Map<String, String> source(
            Unstructured pod, Unstructured ref, boolean config, Map<String, Optional<Unstructured>> fetched) {
        String name = ref.string("name");
        Optional<Unstructured> object = fetched.computeIfAbsent(
                config + name, k -> fetch(config ? Resources.CONFIG_MAPS : Resources.SECRETS, pod.namespace(), name));
        if (object.isEmpty()) {
            if (ref.bool("optional")) {
                return Map.of();
            }
            throw new ConfigException((config ? "configmap \"" : "secret \"") + name + "\" not found");
        }
        Map<String, String> data = object.get().strings("data");
        if (!config) {
            data.replaceAll((k, v) -> new String(Base64.getDecoder().decode(v), StandardCharsets.UTF_8));
        }
        return data;
    }

    private Optional<Unstructured> fetch(GroupVersionResource resource, String namespace, String name) {
        try {
            return Optional.of(client.get(resource, namespace, name).object());
        } catch (StatusException e) {
            if (e.isNotFound()) {
                return Optional.empty();
            }
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * {@code WEB_SERVICE_HOST}, {@code WEB_PORT_80_TCP_ADDR}… as Docker links had them: of all Services of the pod's
     * namespace, and of the API server's always.
     */
    private static Map<String, String> services(Unstructured pod, List<Unstructured> services) {
        boolean links = !Boolean.FALSE.equals(pod.get("spec", "enableServiceLinks"));
        Map<String, String> env = new LinkedHashMap<>();
        for (Unstructured service : services) {
            boolean api =
                    service.namespace().equals("default") && service.name().equals("kubernetes");
            boolean linked = links && service.namespace().equals(pod.namespace());
            String ip = service.string("spec", "clusterIP");
            if ((api || linked) && !ip.isEmpty() && !ip.equals("None")) {
                service(env, service, ip.indexOf(':') < 0 ? ip : "[" + ip + "]");
            }
        }
        return env;
    }

    private static String variable(String name) {
        return name.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    private static void service(Map<String, String> env, Unstructured service, String ip) {
        String prefix = variable(service.name());
        List<Unstructured> ports = service.objects("spec", "ports");
        env.put(prefix + "_SERVICE_HOST", ip);
        for (int i = 0; i < ports.size(); i++) {
            Unstructured p = ports.get(i);
            String number = "" + p.integer(0, "port");
            if (i == 0) {
                env.put(prefix + "_SERVICE_PORT", number);
            }
            if (!p.string("name").isEmpty()) {
                env.put(prefix + "_SERVICE_PORT_" + variable(p.string("name")), number);
            }
            String protocol = p.stringOr("TCP", "protocol");
            String url = protocol.toLowerCase(Locale.ROOT) + "://" + ip + ":" + number;
            if (i == 0) {
                env.put(prefix + "_PORT", url);
            }
            String port = prefix + "_PORT_" + number + "_" + protocol;
            env.put(port, url);
            env.put(port + "_PROTO", protocol.toLowerCase(Locale.ROOT));
            env.put(port + "_PORT", number);
            env.put(port + "_ADDR", ip);
        }
    }
}

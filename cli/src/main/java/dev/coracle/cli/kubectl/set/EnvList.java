package dev.coracle.cli.kubectl.set;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A container's variables as lines that {@code set env} reads again. */
final class EnvList {
    private static final Pattern SUBSCRIPT = Pattern.compile("(metadata\\.(?:labels|annotations))\\['(.*)']");

    private final Session session;
    private final Unstructured object;
    private final Unstructured container;

    EnvList(Session session, Unstructured object, Unstructured container) {
        this.session = session;
        this.object = object;
        this.container = container;
    }

    /** @param resolve whether references are looked up; what is not there is told of */
    void print(boolean resolve) {
        Map<String, TreeSet<String>> errors = new TreeMap<>();
        for (Unstructured v : container.objects("env")) {
            String name = v.string("name");
            if (!v.has("valueFrom")) {
                session.out().println(name + "=" + v.string("value"));
                continue;
            }
            Unstructured from = v.object("valueFrom");
            if (resolve) {
                try {
                    session.out().println(name + "=" + value(from));
                    continue;
                } catch (StatusException | Failure e) {
                    errors.computeIfAbsent(String.valueOf(e.getMessage()), m -> new TreeSet<>())
                            .add(name);
                }
            }
            session.out().println("# " + name + " from " + described(from));
        }
        session.out().flush();
        errors.forEach((why, names) ->
                session.err().println("error retrieving reference for " + String.join(", ", names) + ": " + why));
    }

    private static String described(Unstructured from) {
        if (from.has("configMapKeyRef")) {
            return "configmap " + from.string("configMapKeyRef", "name") + ", key "
                    + from.string("configMapKeyRef", "key");
        }
        if (from.has("secretKeyRef")) {
            return "secret " + from.string("secretKeyRef", "name") + ", key " + from.string("secretKeyRef", "key");
        }
        if (from.has("fieldRef")) {
            return "field path " + from.string("fieldRef", "fieldPath");
        }
        if (from.has("resourceFieldRef")) {
            String container = from.string("resourceFieldRef", "containerName");
            return "resource field " + (container.isEmpty() ? "" : container + "/")
                    + from.string("resourceFieldRef", "resource");
        }
        return "invalid valueFrom";
    }

    private String value(Unstructured from) {
        if (from.has("secretKeyRef")) {
            String data = entry(Resources.SECRETS, from.object("secretKeyRef"), "secret");
            return new String(Base64.getDecoder().decode(data), StandardCharsets.UTF_8);
        }
        if (from.has("configMapKeyRef")) {
            return entry(Resources.CONFIG_MAPS, from.object("configMapKeyRef"), "config map");
        }
        if (from.has("fieldRef")) {
            return field(from.string("fieldRef", "fieldPath"));
        }
        if (from.has("resourceFieldRef")) {
            return amount(from.object("resourceFieldRef"));
        }
        throw new Failure("invalid valueFrom");
    }

    private String entry(GroupVersionResource resource, Unstructured reference, String word) {
        String name = reference.string("name");
        String key = reference.string("key");
        Unstructured data = session.client()
                .get(resource, session.namespace(), name)
                .object()
                .object("data");
        if (!data.has(key)) {
            throw new Failure("key " + key + " not found in " + word + " " + name);
        }
        return data.string(key);
    }

    private String field(String path) {
        Matcher one = SUBSCRIPT.matcher(path);
        if (one.matches()) {
            return object.string("metadata", one.group(1).substring("metadata.".length()), one.group(2));
        }
        return switch (path) {
            case "metadata.name", "metadata.namespace", "metadata.uid" ->
                object.string("metadata", path.substring("metadata.".length()));
            case "metadata.labels" -> lines(object.object("metadata", "labels"));
            case "metadata.annotations" -> lines(object.object("metadata", "annotations"));
            default -> throw new Failure("unsupported fieldPath: " + path);
        };
    }

    private static String lines(Unstructured map) {
        return new TreeMap<>(map.map())
                .entrySet().stream()
                        .map(e -> e.getKey() + "=\"" + e.getValue() + "\"")
                        .collect(Collectors.joining("\n"));
    }

    /** In divisors, rounded up. */
    private String amount(Unstructured reference) {
        String resource = reference.string("resource");
        if (!resource.matches("(limits|requests)\\.(cpu|memory|ephemeral-storage|hugepages-.+)")) {
            throw new Failure("Unsupported container resource : " + resource);
        }
        int dot = resource.indexOf('.');
        Quantity amount =
                quantity(container.string("resources", resource.substring(0, dot), resource.substring(dot + 1)));
        Quantity divisor = quantity(reference.string("divisor"));
        BigDecimal by = BigDecimal.valueOf(divisor.isZero() ? 1000 : divisor.milli());
        return BigDecimal.valueOf(amount.milli())
                .divide(by, 0, RoundingMode.CEILING)
                .toPlainString();
    }

    private static Quantity quantity(String text) {
        return text.isEmpty() ? Quantity.ZERO : Quantity.parse(text);
    }
}

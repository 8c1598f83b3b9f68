package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Refuses what upstream's validation refuses, for the kinds that FlowForge uses; worded as upstream. */
public final class Validation {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final String SUBDOMAIN_RULE =
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
                    + "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
                    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private static final String LABEL_RULE =
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "
                    + "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
                    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private final List<Cause> causes = new ArrayList<>();

    private Validation() {}

    /** @throws StatusException 422 with every finding */
    public static void check(ResourceDefinition d, Unstructured o, @Nullable Unstructured old) {
        Validation v = new Validation();
        v.name(d, o.name());
        v.spec(o, old);
        if (!v.causes.isEmpty()) {
            throw StatusException.invalid(d.kind(), o.name(), v.causes);
        }
    }

    private void name(ResourceDefinition d, String name) {
        if (name.isEmpty()) {
            required("metadata.name", "name or generateName is required");
        } else if (d.kind().group().equals("rbac.authorization.k8s.io")) {
            if (name.contains("/") || name.contains("%")) {
                invalid("metadata.name", "\"" + name + "\"", "may not contain '/' or '%'");
            }
        } else if (Set.of("Namespace", "Service").contains(d.kind().kind())) {
            if (name.length() > 63 || !LABEL.matcher(name).matches()) {
                invalid("metadata.name", "\"" + name + "\"", LABEL_RULE);
            }
        } else if (name.length() > 253 || !SUBDOMAIN.matcher(name).matches()) {
            invalid("metadata.name", "\"" + name + "\"", SUBDOMAIN_RULE);
        }
    }

    private void spec(Unstructured o, @Nullable Unstructured old) {
        switch (o.kind()) {
            case "Pod" -> podSpec(o.object("spec"), "spec");
            case "Deployment", "ReplicaSet" -> workload(o, old);
            case "Service" -> service(o);
            case "PersistentVolumeClaim" -> {
                if (o.stringList("spec", "accessModes").isEmpty()) {
                    required("spec.accessModes", "at least 1 access mode is required");
                }
                if (!o.has("spec", "resources", "requests", "storage")) {
                    required("spec.resources[storage]", "");
                }
            }
            case "Ingress" -> {
                if (!o.has("spec", "rules") && !o.has("spec", "defaultBackend")) {
                    invalid("spec", "null", "either `defaultBackend` or `rules` must be specified");
                }
            }
            default -> {}
        }
    }

    private void workload(Unstructured o, @Nullable Unstructured old) {
        long replicas = o.integer(1, "spec", "replicas");
        if (replicas < 0) {
            invalid("spec.replicas", "" + replicas, "must be greater than or equal to 0");
        }
        if (!o.has("spec", "selector")) {
            required("spec.selector", "");
        } else if (old != null && !Objects.equals(o.get("spec", "selector"), old.get("spec", "selector"))) {
            invalid("spec.selector", o.object("spec", "selector").toString(), "field is immutable");
        } else if (!LabelSelector.of(o.object("spec", "selector"))
                .matches(o.strings("spec", "template", "metadata", "labels"))) {
            invalid(
                    "spec.template.metadata.labels",
                    o.object("spec", "template", "metadata", "labels").toString(),
                    "`selector` does not match template `labels`");
        }
        podSpec(o.object("spec", "template", "spec"), "spec.template.spec");
    }

    private void podSpec(Unstructured spec, String path) {
        if (spec.objects("containers").isEmpty()) {
            required(path + ".containers", "");
        }
        Set<String> volumes = new HashSet<>();
        spec.objects("volumes").forEach(v -> volumes.add(v.string("name")));
        Set<String> names = new HashSet<>();
        for (String list : List.of("containers", "initContainers")) {
            List<Unstructured> containers = spec.objects(list);
            for (int i = 0; i < containers.size(); i++) {
                container(containers.get(i), path + "." + list + "[" + i + "]", names, volumes);
            }
        }
        String policy = spec.string("restartPolicy");
        if (!Set.of("", "Always", "OnFailure", "Never").contains(policy)) {
            causes.add(new Cause(
                    "FieldValueNotSupported",
                    "Unsupported value: \"" + policy + "\": supported values: \"Always\", \"OnFailure\", \"Never\"",
                    path + ".restartPolicy"));
        }
    }

    private void container(Unstructured c, String path, Set<String> names, Set<String> volumes) {
        String name = c.string("name");
        if (name.isEmpty()) {
            required(path + ".name", "");
        } else if (name.length() > 63 || !LABEL.matcher(name).matches()) {
            invalid(path + ".name", "\"" + name + "\"", LABEL_RULE);
        } else if (!names.add(name)) {
            causes.add(new Cause("FieldValueDuplicate", "Duplicate value: \"" + name + "\"", path + ".name"));
        }
        if (c.string("image").isEmpty()) {
            required(path + ".image", "");
        }
        List<Unstructured> mounts = c.objects("volumeMounts");
        for (int i = 0; i < mounts.size(); i++) {
            String volume = mounts.get(i).string("name");
            if (!volumes.contains(volume)) {
                causes.add(new Cause(
                        "FieldValueNotFound", "Not found: \"" + volume + "\"", path + ".volumeMounts[" + i + "].name"));
            }
        }
        List<Unstructured> ports = c.objects("ports");
        for (int i = 0; i < ports.size(); i++) {
            port(ports.get(i), "containerPort", path + ".ports[" + i + "]");
        }
    }

    private void service(Unstructured o) {
        List<Unstructured> ports = o.objects("spec", "ports");
        boolean headless = o.string("spec", "clusterIP").equals("None");
        if (ports.isEmpty() && !headless && !o.string("spec", "type").equals("ExternalName")) {
            required("spec.ports", "");
        }
        for (int i = 0; i < ports.size(); i++) {
            port(ports.get(i), "port", "spec.ports[" + i + "]");
            if (ports.size() > 1 && ports.get(i).string("name").isEmpty()) {
                required("spec.ports[" + i + "].name", "");
            }
        }
        String type = o.string("spec", "type");
        if (!Set.of("", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName").contains(type)) {
            causes.add(new Cause(
                    "FieldValueNotSupported",
                    "Unsupported value: \"" + type
                            + "\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"",
                    "spec.type"));
        }
    }

    private void port(Unstructured p, String field, String path) {
        if (!p.has(field)) {
            required(path + "." + field, "");
        } else if (p.integer(0, field) < 1 || p.integer(0, field) > 65535) {
            invalid(path + "." + field, "" + p.integer(0, field), "must be between 1 and 65535, inclusive");
        }
    }

    private void required(String field, String detail) {
        causes.add(new Cause("FieldValueRequired", "Required value" + (detail.isEmpty() ? "" : ": " + detail), field));
    }

    private void invalid(String field, String value, String why) {
        causes.add(new Cause("FieldValueInvalid", "Invalid value: " + value + ": " + why, field));
    }
}

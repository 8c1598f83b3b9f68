package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Names, labels, annotations, owners and finalizers. */
public final class MetadataRules {
    private static final int ANNOTATIONS = 256 * 1024;
    private static final Set<String> STANDARD_FINALIZERS = Set.of("kubernetes", "orphan", "foregroundDeletion");

    private final Findings findings;
    /** Whether a finalizer without a path has to be one of Kubernetes' own. */
    private final boolean strict;

    public MetadataRules(Findings findings) {
        this(findings, true);
    }

    private MetadataRules(Findings findings, boolean strict) {
        this.findings = findings;
        this.strict = strict;
    }

    /** As upstream's general library has them, by which what users bring is judged. */
    public static MetadataRules general(Findings findings) {
        return new MetadataRules(findings, false);
    }

    /** What a writer is told who brings a finalizer that another one may have thought of as well. */
    public static List<String> warnings(Unstructured o, @Nullable Unstructured old) {
        return o.finalizers().stream()
                .filter(f -> old == null || !old.finalizers().contains(f))
                .filter(f -> !f.contains("/") && !STANDARD_FINALIZERS.contains(f))
                .distinct()
                .sorted()
                .map(f ->
                        "metadata.finalizers: \"" + f + "\": prefer a domain-qualified finalizer name including a path"
                                + " (/) to avoid accidental conflicts with other finalizer writers")
                .toList();
    }

    public void check(ResourceDefinition d, Unstructured o, @Nullable Unstructured old) {
        String base = o.string("metadata", "generateName");
        if (!base.isEmpty()) {
            // It is a name with its end cut off: what it ends with is not what the name will end with.
            String masked = base.endsWith("-") ? base.substring(0, base.length() - 1) + "a" : base;
            findings.invalid("metadata.generateName", base, d.rules().name().apply(masked));
        }
        if (o.name().isEmpty()) {
            findings.required("metadata.name", "name or generateName is required");
        } else {
            findings.invalid("metadata.name", o.name(), d.rules().name().apply(o.name()));
        }
        labels(o.labels(), "metadata.labels");
        annotations(o);
        owners(o);
        finalizers(o, old);
    }

    /** Also for selectors, which are maps of labels. */
    public void labels(Map<String, String> labels, String path) {
        labels.forEach((k, v) -> {
            findings.invalid(path, k, Names.qualified(k));
            findings.invalid(path, v, Names.labelValue(v));
        });
    }

    private void annotations(Unstructured o) {
        long size = 0;
        for (Map.Entry<String, String> a : o.annotations().entrySet()) {
            findings.invalid("metadata.annotations", a.getKey(), Names.annotationKey(a.getKey()));
            size += a.getKey().getBytes(StandardCharsets.UTF_8).length
                    + a.getValue().getBytes(StandardCharsets.UTF_8).length;
        }
        if (size > ANNOTATIONS) {
            findings.tooLong("metadata.annotations", ANNOTATIONS);
        }
    }

    private void owners(Unstructured o) {
        List<Unstructured> owners = o.objects("metadata", "ownerReferences");
        String controller = "";
        for (int i = 0; i < owners.size(); i++) {
            Unstructured owner = owners.get(i);
            String path = "metadata.ownerReferences[" + i + "]";
            if (owner.apiVersion().isEmpty()) {
                findings.invalid(path + ".apiVersion", "", "version must not be empty");
            }
            for (String field : new String[] {"kind", "name", "uid"}) {
                if (owner.string(field).isEmpty()) {
                    findings.invalid(path + "." + field, "", "must not be empty");
                }
            }
            if (owner.bool("controller")) {
                String it = owner.kind() + "/" + owner.string("name");
                if (!controller.isEmpty()) {
                    findings.invalid(
                            "metadata.ownerReferences",
                            o.get("metadata", "ownerReferences"),
                            "Only one reference can have Controller set to true. Found \"true\" in references for "
                                    + controller + " and " + it);
                }
                controller = it;
            }
        }
    }

    private void finalizers(Unstructured o, @Nullable Unstructured old) {
        List<String> added = new ArrayList<>();
        for (String f : o.finalizers()) {
            findings.invalid("metadata.finalizers", f, Names.qualified(f));
            if (strict
                    && !f.contains("/")
                    && !STANDARD_FINALIZERS.contains(f)
                    && Names.qualified(f).isEmpty()) {
                findings.invalid(
                        "metadata.finalizers",
                        f,
                        "name is neither a standard finalizer name nor is it fully qualified");
            }
            if (old != null && old.isDeleting() && !old.finalizers().contains(f)) {
                added.add("\"" + f + "\"");
            }
        }
        if (!added.isEmpty()) {
            findings.forbidden(
                    "metadata.finalizers",
                    "no new finalizers can be added if the object is being deleted, found new finalizers []string{"
                            + String.join(", ", added) + "}");
        }
    }
}

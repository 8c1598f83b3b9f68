package dev.coracle.cli.kubectl.describe;

import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The pod template of a workload. */
public final class PodTemplate {
    /** A template has no times that are told relative to now. */
    private static final Clock TIMELESS = new Clock() {
        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public long nanos() {
            return 0;
        }
    };

    private PodTemplate() {}

    /** As {@code rollout history --revision} shows it, tabs and all. @param cause of the change, if known */
    public static String text(Unstructured template, @Nullable String cause) {
        Unstructured shown = cause == null
                ? template
                : template.copy().set(cause, "metadata", "annotations", "kubernetes.io/change-cause");
        Description d = new Description(TIMELESS);
        write(d, shown);
        return d.raw();
    }

    static void write(Description d, Unstructured template) {
        d.line("Pod Template:");
        d.labels("  Labels", template.labels());
        if (!template.annotations().isEmpty()) {
            d.annotations("  Annotations", template.annotations());
        }
        Unstructured spec = template.object("spec");
        d.field("  Service Account", spec.string("serviceAccountName"));
        if (spec.has("initContainers")) {
            Containers.write(d, "Init Containers", spec.objects("initContainers"), java.util.Map.of(), "  ", null);
        }
        Containers.write(d, "Containers", spec.objects("containers"), java.util.Map.of(), "  ", null);
        Volumes.write(d, spec.objects("volumes"), "  ");
        PodDetails.spread(d, spec, "  ");
        d.field("  Priority Class Name", spec.string("priorityClassName"));
        d.labels("  Node-Selectors", spec.strings("nodeSelector"));
        d.tolerations("  Tolerations", spec.objects("tolerations"));
    }
}

package dev.coracle.apiserver.builtin.storage;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** That a volume is to be attached to a node, and whether it is. */
public final class VolumeAttachments {
    private static final int METADATA = 256 * 1024;
    private static final int MESSAGE = 1024;
    private static final String EXACTLY_ONE = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments")
            .subresources("status")
            .rules(VolumeAttachments::check)
            .statusRules((findings, o, old) -> status(findings, o.object("status")))
            .columns(
                    NAME,
                    text("Attacher", "spec", "attacher"),
                    text("PV", "spec", "source", "persistentVolumeName"),
                    text("Node", "spec", "nodeName"),
                    new Column("Attached", "boolean", "", "", 0, (o, now) -> o.bool("status", "attached")),
                    AGE)
            .build();

    private VolumeAttachments() {}

    private static void check(Findings findings, Unstructured o, @Nullable Unstructured old) {
        Unstructured spec = o.object("spec");
        if (spec.string("attacher").isEmpty()) {
            findings.required("spec.attacher", "");
        }
        Unstructured source = spec.object("source");
        boolean volume = source.has("persistentVolumeName");
        if (volume && source.has("inlineVolumeSpec")) {
            findings.forbidden("spec.source", EXACTLY_ONE);
        } else if (!volume && !source.has("inlineVolumeSpec")) {
            findings.required("spec.source", EXACTLY_ONE);
        } else if (volume && source.string("persistentVolumeName").isEmpty()) {
            findings.required("spec.source.persistentVolumeName", "must specify non empty persistentVolumeName");
        }
        findings.invalid("spec.nodeName", spec.string("nodeName"), Names.subdomain(spec.string("nodeName")));
        status(findings, o.object("status"));
        if (old != null) {
            if (!Objects.equals(o.get("spec"), old.get("spec"))) {
                findings.invalid("spec", o.get("spec"), Findings.IMMUTABLE);
            }
            return;
        }
        CsiNodes.driverName(findings, spec.string("attacher"), "spec.attacher");
        if (volume) {
            String name = source.string("persistentVolumeName");
            findings.invalid("spec.source.persistentVolumeName", name, Names.subdomain(name));
        }
    }

    private static void status(Findings findings, Unstructured status) {
        int size = 0;
        for (var e : status.strings("attachmentMetadata").entrySet()) {
            size += length(e.getKey()) + length(e.getValue());
        }
        if (size > METADATA) {
            findings.tooLong("status.attachmentMetadata", METADATA);
        }
        for (String error : List.of("attachError", "detachError")) {
            if (length(status.string(error, "message")) > MESSAGE) {
                // Upstream names the larger bound.
                findings.tooLong("status." + error + ".message", METADATA);
            }
            if (status.integer(0, error, "errorCode") < 0) {
                findings.invalid(
                        "status." + error + ".errorCode",
                        status.integer(0, error, "errorCode"),
                        "must be between 0 and 2147483647, inclusive");
            }
        }
    }

    private static int length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}

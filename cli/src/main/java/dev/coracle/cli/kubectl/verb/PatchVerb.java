package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.apply.DryRun;
import dev.coracle.cli.kubectl.apply.MergeKeys;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.ObjectPrinter;
import dev.coracle.cli.kubectl.print.Told;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.JsonPatch;
import dev.coracle.machinery.patch.MergePatch;
import dev.coracle.machinery.patch.StrategicMergePatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code kubectl patch}. */
public final class PatchVerb implements Verb {
    @Override
    public Flags flags() {
        return Flags.of(
                        "patch,p",
                        "patch-file",
                        "type",
                        "subresource",
                        "dry-run?client",
                        "output,o",
                        "template",
                        "field-manager",
                        "show-managed-fields!")
                .and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        if (line.has("patch") && line.has("patch-file")) {
            throw new Failure("cannot specify --patch and --patch-file together");
        }
        String file = line.get("patch-file");
        if (!file.isEmpty() && !Files.exists(Path.of(file))) {
            throw new Failure("unable to read patch file: open " + file + ": no such file or directory");
        }
        String text = line.has("patch-file") ? Files.readString(Path.of(line.get("patch-file"))) : line.get("patch");
        if (text.isEmpty()) {
            throw new Failure("must specify --patch or --patch-file containing the contents of the patch");
        }
        String dryRun = DryRun.of(line);
        Patch.Type type = switch (line.get("type", "strategic")) {
            case "strategic" -> Patch.Type.STRATEGIC;
            case "merge" -> Patch.Type.MERGE;
            case "json" -> Patch.Type.JSON;
            default ->
                throw new Failure("--type must be one of [json merge strategic], not \"" + line.get("type") + "\"");
        };
        byte[] body = body(text);
        var options = new WriteOptions(
                line.get("subresource"), line.get("field-manager", "kubectl-patch"), false, dryRun.equals("server"));
        for (Selection.Item item : Selection.of(session, new Catalog(session), line, "")) {
            var r = item.resource().resource();
            Unstructured before =
                    session.client().get(r, item.namespace(), item.name()).object();
            Unstructured after = dryRun.equals("client")
                    ? patched(before, type, body)
                    : session.client()
                            .patch(r, item.namespace(), item.name(), new Patch(type, body), options)
                            .object();
            boolean changed =
                    !dryRun.equals("none") || !before.resourceVersion().equals(after.resourceVersion());
            Told.of(session, line, after, ObjectPrinter.title(after), "patched" + (changed ? "" : " (no change)"));
        }
        return 0;
    }

    /** What begins as JSON is for the server to read; anything else is YAML. */
    private static byte[] body(String text) {
        if (text.stripLeading().startsWith("{")) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        try {
            List<Object> documents = Yaml.parseAll(text);
            if (documents.size() != 1) {
                throw new Failure("unable to parse \"" + text + "\": one document is expected");
            }
            return Json.bytes(documents.getFirst());
        } catch (MalformedJsonException e) {
            throw new Failure("unable to parse \"" + text + "\": " + e.getMessage());
        }
    }

    /** As the server would, but nothing is sent. */
    private static Unstructured patched(Unstructured before, Patch.Type type, byte[] body) {
        Object patch = Json.parse(body);
        try {
            @SuppressWarnings("unchecked")
            Map<String, Object> after = (Map<String, Object>)
                    switch (type) {
                        case STRATEGIC ->
                            new StrategicMergePatch(MergeKeys::of)
                                    .apply(before.copy().map(), object(patch));
                        case MERGE ->
                            Objects.requireNonNull(
                                    MergePatch.apply(before.copy().map(), object(patch)));
                        default ->
                            Objects.requireNonNull(JsonPatch.apply(before.copy().map(), patch));
                    };
            return new Unstructured(after);
        } catch (IllegalArgumentException e) {
            throw new Failure(String.valueOf(e.getMessage()));
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(@Nullable Object patch) {
        if (patch instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw new Failure("a patch of this type must be an object");
    }
}

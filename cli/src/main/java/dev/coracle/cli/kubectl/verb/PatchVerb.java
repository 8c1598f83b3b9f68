package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.apply.DryRun;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.ObjectPrinter;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code kubectl patch}. */
public final class PatchVerb implements Verb {
    @Override
    public Flags flags() {
        return Flags.of("patch,p", "patch-file", "type", "subresource", "dry-run?client", "output,o")
                .and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        String text = line.has("patch-file") ? Files.readString(Path.of(line.get("patch-file"))) : line.get("patch");
        if (text.isEmpty()) {
            throw new Failure("must specify --patch or --patch-file containing the contents of the patch");
        }
        String dryRun = DryRun.of(line);
        if (dryRun.equals("client")) {
            throw new Failure("--dry-run=client is not supported for patch by this client; use --dry-run=server");
        }
        Patch.Type type = switch (line.get("type", "strategic")) {
            case "strategic" -> Patch.Type.STRATEGIC;
            case "merge" -> Patch.Type.MERGE;
            case "json" -> Patch.Type.JSON;
            default ->
                throw new Failure("--type must be one of [json merge strategic], not \"" + line.get("type") + "\"");
        };
        byte[] body;
        try {
            List<Object> documents = Yaml.parseAll(text);
            if (documents.size() != 1) {
                throw new Failure("unable to parse \"" + text + "\": one document is expected");
            }
            body = Json.bytes(documents.getFirst());
        } catch (MalformedJsonException e) {
            throw new Failure("unable to parse \"" + text + "\": " + e.getMessage());
        }
        var options = new WriteOptions(line.get("subresource"), "kubectl-patch", false, dryRun.equals("server"));
        for (Selection.Item item : Selection.of(session, new Catalog(session), line, "")) {
            var r = item.resource().resource();
            Unstructured before =
                    session.client().get(r, item.namespace(), item.name()).object();
            Unstructured after = session.client()
                    .patch(r, item.namespace(), item.name(), new Patch(type, body), options)
                    .object();
            if (!line.get("output").isEmpty()) {
                ObjectPrinter.of(line.get("output"), false, true).print(session, List.of(after), true);
                continue;
            }
            boolean changed = !before.resourceVersion().equals(after.resourceVersion());
            session.out()
                    .println(item.title() + " patched" + (changed || !dryRun.equals("none") ? "" : " (no change)")
                            + DryRun.suffix(dryRun));
        }
        return 0;
    }
}

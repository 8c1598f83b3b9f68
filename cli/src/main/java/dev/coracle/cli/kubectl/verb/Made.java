package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.apply.DryRun;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.print.ObjectPrinter;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An object that {@code run} or {@code expose} has made from flags: created, and told of. */
final class Made {
    private Made() {}

    /** @param word what has been done to it: {@code created} */
    static void submit(
            Session session,
            Flags.Line line,
            GroupVersionResource resource,
            Unstructured made,
            String manager,
            String word)
            throws IOException {
        String dryRun = DryRun.of(line);
        Unstructured result = made;
        if (!dryRun.equals("client")) {
            var options = new WriteOptions("", line.get("field-manager", manager), false, dryRun.equals("server"));
            made.set(session.namespace(), "metadata", "namespace");
            result = session.client()
                    .create(resource, session.namespace(), made, options)
                    .object();
        } else if (session.namespaceGiven()) {
            made.set(session.namespace(), "metadata", "namespace");
        }
        if (ObjectPrinter.format(line).isEmpty()) {
            session.out().println(ObjectPrinter.title(result) + " " + word + DryRun.suffix(dryRun));
        } else {
            ObjectPrinter.of(line).print(session, List.of(result), true);
        }
    }

    /** {@code a=b,c=d}. */
    static Map<String, String> labels(String text) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String pair : text.split(",")) {
            String[] parts = pair.split("=", -1);
            if (parts.length != 2 || parts[0].isEmpty()) {
                throw new Failure("unexpected label spec: " + pair);
            }
            labels.put(parts[0], parts[1]);
        }
        return labels;
    }

    static long port(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new Failure("strconv.Atoi: parsing \"" + text + "\": invalid syntax");
        }
    }
}

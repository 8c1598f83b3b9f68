package dev.coracle.cli.kubectl.print;

import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.List;

/** What a verb says of an object that it has changed: a sentence, or the object as {@code -o} wants it. */
public final class Told {
    private Told() {}

    /** @param done {@code labeled (dry run)} */
    public static void of(Session session, Flags.Line line, Unstructured object, String title, String done)
            throws IOException {
        String output = ObjectPrinter.format(line);
        if (output.isEmpty()) {
            session.out().println(title + " " + done);
        } else if (output.equals("name")) {
            session.out().println(title);
        } else {
            ObjectPrinter.of(line).print(session, List.of(object), true);
        }
    }
}

package dev.coracle.cli.kubectl.set;

import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.List;

/** One of {@code kubectl set}'s own commands. */
interface Setting {
    /** {@code image}. */
    String name();

    /** What is said of an object that it has changed: {@code image updated}. */
    String done();

    /** The flags it takes besides those that all take. */
    String[] flags();

    /**
     * Reads what is wanted.
     *
     * @param arguments behind the command's name
     * @throws dev.coracle.cli.kubectl.base.Failure for what makes no sense
     */
    Wish read(Session session, Flags.Line line, List<String> arguments) throws IOException;

    /**
     * @param resources the arguments that say which objects
     * @param change brings one to what is wanted; throws {@link dev.coracle.cli.kubectl.base.Failure}, and
     *     IllegalArgumentException where the message is to name the object
     * @param quiet whether nothing is to be written: the change has only looked
     */
    record Wish(List<String> resources, Change change, boolean quiet) {
        Wish(List<String> resources, Change change) {
            this(resources, change, false);
        }
    }

    @FunctionalInterface
    interface Change {
        void apply(Unstructured object) throws IOException;
    }
}

package dev.coracle.cli.kubectl.base;

import java.io.IOException;

/** One of kubectl's commands. */
public interface Verb {
    /** The flags it takes besides those that every verb takes. */
    Flags flags();

    /** @return the exit code */
    int run(Session session, Flags.Line line) throws IOException, InterruptedException;
}

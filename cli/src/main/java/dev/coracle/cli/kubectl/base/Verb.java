package dev.coracle.cli.kubectl.base;

import java.io.IOException;
import java.util.List;

/** One of kubectl's commands. */
public interface Verb {
    /** The flags it takes besides those that every verb takes. */
    Flags flags();

    /** Those that count where its arguments begin so; for its help. */
    default Flags flags(List<String> arguments) {
        return flags();
    }

    /** @return the exit code */
    int run(Session session, Flags.Line line) throws IOException, InterruptedException;
}

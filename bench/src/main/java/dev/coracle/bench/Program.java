package dev.coracle.bench;

import java.util.concurrent.Callable;
import picocli.CommandLine;

/** Runs one of the measuring programs and exits with its code. */
public final class Program {
    private Program() {}

    /** @param program a picocli command */
    public static void run(Callable<Integer> program, String[] args) {
        CommandLine line = new CommandLine(program);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((e, c, parsed) -> {
            c.getErr().println("error: " + (e.getMessage() == null ? e.toString() : e.getMessage()));
            return 1;
        });
        System.exit(line.execute(args));
    }
}

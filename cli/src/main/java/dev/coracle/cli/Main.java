package dev.coracle.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code coracle} command; its subcommands, in one screen. */
@Command(
        name = "coracle",
        description = "A whole Kubernetes in one JVM.",
        mixinStandardHelpOptions = true,
        version = "coracle 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            Up.class,
            Down.class,
            Status.class,
            NodeCommand.class,
            KubeconfigCommand.class,
            ImageCommand.class,
            KubectlCommand.class,
            WhyCommand.class,
            SealCommand.class,
            Fsck.class,
            LabCommand.class,
            CommandLine.HelpCommand.class
        })
public final class Main implements Callable<Integer> {
    /** Runs one command and exits with its code. */
    public static void main(String[] args) {
        CommandLine line = new CommandLine(new Main());
        line.setStopAtPositional(args.length > 0 && args[0].equals("kubectl"));
        line.setExecutionExceptionHandler((e, c, parsed) -> {
            c.getErr().println("error: " + (e.getMessage() == null ? e.toString() : e.getMessage()));
            return 1;
        });
        System.exit(line.execute(args));
    }

    @Override
    public Integer call() {
        CommandLine.usage(this, System.out);
        return 0;
    }
}

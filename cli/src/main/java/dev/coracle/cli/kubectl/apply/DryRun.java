package dev.coracle.cli.kubectl.apply;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;

/** {@code --dry-run}. */
public final class DryRun {
    private DryRun() {}

    /** {@code none}, {@code client} or {@code server}. */
    public static String of(Flags.Line line) {
        String v = line.get("dry-run", "none");
        return switch (v) {
            case "none", "client", "server" -> v;
            default ->
                throw new Failure("Invalid dry-run value (" + v + "). Must be \"none\", \"server\", or \"client\".");
        };
    }

    /** What stands behind a message: {@code (dry run)}, {@code (server dry run)} or nothing. */
    public static String suffix(String dryRun) {
        return switch (dryRun) {
            case "client" -> " (dry run)";
            case "server" -> " (server dry run)";
            default -> "";
        };
    }
}

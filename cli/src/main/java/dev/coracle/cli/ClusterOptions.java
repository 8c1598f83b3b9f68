package dev.coracle.cli;

import dev.coracle.cluster.ClusterDescription;
import dev.coracle.cluster.ClusterPaths;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Which cluster a command is about. */
final class ClusterOptions {
    private static final Pattern NAME = Pattern.compile("[a-z]([-a-z0-9]{0,18}[a-z0-9])?");

    @Option(
            names = "--name",
            defaultValue = "coracle",
            description = "Name of the cluster (default: ${DEFAULT-VALUE}).")
    private String name = "coracle";

    ClusterPaths paths() {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("--name: \"" + name
                    + "\" must be up to 20 lower case letters, digits and '-', begin with a letter and not end in '-'");
        }
        return new ClusterPaths(ClusterPaths.home(System.getenv()), name);
    }

    ClusterDescription existing() {
        return ClusterDescription.read(paths())
                .orElseThrow(() -> new IllegalStateException(
                        "there is no cluster \"" + name + "\": start it with `coracle up --name " + name + "`"));
    }
}

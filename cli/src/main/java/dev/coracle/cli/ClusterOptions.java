package dev.coracle.cli;

import dev.coracle.cluster.ClusterDescription;
import dev.coracle.cluster.ClusterPaths;
import dev.coracle.cluster.MachineRegistry;
import dev.coracle.cluster.control.ControlClient;
import java.io.IOException;
import java.util.List;
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

    /**
     * What the running cluster's process says.
     *
     * @throws IllegalStateException with its words when it cannot do so, or with why it is silent
     */
    String ask(List<String> words) {
        ClusterDescription description = existing();
        if (!description.running()) {
            throw new IllegalStateException("cluster \"" + name + "\" is down");
        }
        try {
            return new ControlClient(MachineRegistry.controlSocket(description.index())).ask(words);
        } catch (IOException e) {
            throw new IllegalStateException("cluster \"" + name + "\" does not answer: " + e.getMessage());
        }
    }

    ClusterDescription existing() {
        return ClusterDescription.read(paths())
                .orElseThrow(() -> new IllegalStateException(
                        "there is no cluster \"" + name + "\": start it with `coracle up --name " + name + "`"));
    }
}

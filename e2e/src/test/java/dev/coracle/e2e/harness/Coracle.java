package dev.coracle.e2e.harness;

import dev.coracle.cluster.ClusterDescription;
import dev.coracle.cluster.ClusterPaths;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The {@code coracle} command as it is built here, run through its launcher, on one cluster of a home of the tests' own. */
public final class Coracle {
    /** The checkout; Maven runs a module's tests in the module's directory. */
    public static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    private static final Path HOME = ROOT.resolve("e2e/target/home");

    private final String name;

    public Coracle(String name) {
        this.name = name;
    }

    /** A machine has each name once, and may have several checkouts whose tests run or were cut short. */
    public static Coracle ofThisCheckout(String name) {
        return new Coracle(name + "-" + String.format("%04x", ROOT.toString().hashCode() & 0xffff));
    }

    public String name() {
        return name;
    }

    /** Runs {@code coracle} with these words; {@code up}, {@code down} and the like need {@link #on}. */
    public Shell.Result run(String... words) {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("coracle").toString()));
        command.addAll(List.of(words));
        return Shell.run(environment(), "", command);
    }

    /** Runs {@code coracle VERB --name NAME ...}. */
    public Shell.Result on(String verb, String... words) {
        List<String> all = new ArrayList<>(List.of(verb, "--name", name));
        all.addAll(List.of(words));
        return run(all.toArray(String[]::new));
    }

    static Map<String, String> environment() {
        return Map.of(
                "CORACLE_HOME",
                HOME.toString(),
                // The build that runs these tests has built it.
                "CORACLE_BUILD",
                "no",
                "JAVA_HOME",
                System.getProperty("java.home"));
    }

    public ClusterPaths paths() {
        return new ClusterPaths(HOME, name);
    }

    /** @throws AssertionError when there is no such cluster */
    public ClusterDescription description() {
        return ClusterDescription.read(paths())
                .orElseThrow(() -> new AssertionError("there is no cluster " + name + " in " + HOME));
    }

    public ProcessHandle process() {
        return ProcessHandle.of(description().pid())
                .orElseThrow(() -> new AssertionError("the process of cluster " + name + " is gone"));
    }

    /** What {@code kill -9} does, and nothing else; returns when the process is gone. */
    public void killHard() {
        ProcessHandle process = process();
        process.destroyForcibly();
        process.onExit().join();
    }

    public Kubectl kubectl() {
        return new Kubectl(paths().kubeconfig());
    }
}

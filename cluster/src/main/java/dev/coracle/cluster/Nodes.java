package dev.coracle.cluster;

import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.env.Together;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The nodes of a running cluster, each of which can be stopped and started alone. */
final class Nodes {
    /** Makes a node that is not started yet. */
    @FunctionalInterface
    interface Maker {
        Node make(int index) throws IOException;
    }

    private final List<String> names;
    private final Maker maker;
    private final Tasks tasks;
    private final Map<String, Node> running = new LinkedHashMap<>();
    private boolean closed;

    Nodes(List<String> names, Maker maker, Tasks tasks) {
        this.names = names;
        this.maker = maker;
        this.tasks = tasks;
    }

    void startAll() {
        List<Node> all = makeAll();
        Together.run(tasks, all.size(), all.size(), i -> all.get(i).start());
    }

    private synchronized List<Node> makeAll() {
        return names.stream().map(this::make).toList();
    }

    /** A command's words, as in {@code node stop coracle-worker}, or {@code nodes stopped} for the names of those. */
    String command(List<String> words) {
        if (words.equals(List.of("nodes", "stopped"))) {
            return stopped();
        }
        if (words.size() != 3 || !words.getFirst().equals("node")) {
            throw new IllegalArgumentException("unknown command " + words);
        }
        String name = words.get(2);
        return switch (words.get(1)) {
            case "stop" -> stop(name) ? "node " + name + " is stopped" : "node " + name + " was stopped already";
            case "start" -> start(name) ? "node " + name + " is started" : "node " + name + " runs already";
            default -> throw new IllegalArgumentException("unknown command " + words);
        };
    }

    private synchronized String stopped() {
        return names.stream().filter(n -> !running.containsKey(n)).collect(Collectors.joining(", "));
    }

    private synchronized boolean start(String name) {
        known(name);
        if (running.containsKey(name) || closed) {
            return false;
        }
        make(name).start();
        return true;
    }

    private Node make(String name) {
        try {
            Node node = maker.make(names.indexOf(name));
            running.put(name, node);
            return node;
        } catch (IOException e) {
            throw new UncheckedIOException("node " + name + " cannot be started: " + e.getMessage(), e);
        }
    }

    private synchronized boolean stop(String name) {
        known(name);
        if (names.indexOf(name) == 0) {
            throw new IllegalArgumentException(
                    "node \"" + name + "\" is the control plane: `coracle down` stops the cluster");
        }
        @Nullable Node node = running.remove(name);
        if (node != null) {
            node.stop();
        }
        return node != null;
    }

    private void known(String name) {
        if (!names.contains(name)) {
            throw new IllegalArgumentException(
                    "there is no node \"" + name + "\"; there are " + String.join(", ", names));
        }
    }

    /** What each running node uses. */
    synchronized List<Usage.NodeReading> usage() {
        return running.values().stream().map(Node::usage).toList();
    }

    /** Stops all at once, for good. One that fails to stop does not keep the others. */
    synchronized void stopAll() {
        closed = true;
        var stopped = new CountDownLatch(running.size());
        running.forEach((name, node) -> tasks.start("stop " + name, () -> {
            try {
                node.stop();
            } catch (RuntimeException e) {
                System.getLogger("coracle.cluster").log(System.Logger.Level.WARNING, "while stopping " + name, e);
            } finally {
                stopped.countDown();
            }
        }));
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        running.clear();
    }
}

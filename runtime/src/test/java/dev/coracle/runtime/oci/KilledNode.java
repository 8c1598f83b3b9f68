package dev.coracle.runtime.oci;

import java.io.IOException;
import java.nio.file.Path;

/** A node in a process of its own, which starts a container, says its id and waits to be killed. */
final class KilledNode {
    private KilledNode() {}

    public static void main(String[] arguments) throws IOException {
        TestNode node = new TestNode(Path.of(arguments[0]));
        String id = node.run(
                node.sandbox("survivor"),
                "sh",
                "-c",
                "trap 'echo asked to stop; exit 6' TERM; echo before; while true; do sleep 0.05; done");
        System.out.print(id);
        System.out.flush();
        System.in.read();
    }
}

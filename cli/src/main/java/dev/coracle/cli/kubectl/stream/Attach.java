package dev.coracle.cli.kubectl.stream;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;

/** {@code kubectl attach}: connects the user with what a container's first process reads and writes. */
public final class Attach implements Verb {
    @Override
    public Flags flags() {
        return Flags.of("container,c", "stdin,i!", "tty,t!", "quiet,q!", Attachment.PATIENCE);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException, InterruptedException {
        if (line.arguments().isEmpty()) {
            throw new Failure("at least 1 argument is required for attach");
        }
        if (line.arguments().size() != 1) {
            throw new Failure("POD, TYPE/NAME is required for attach");
        }
        Unstructured pod = Pods.find(session, line.arguments().getFirst());
        String phase = pod.string("status", "phase");
        if (phase.equals("Succeeded") || phase.equals("Failed")) {
            throw new Failure("cannot attach a container in a completed pod; current phase is " + phase);
        }
        String container = Pods.container(session, pod, line.get("container"));
        boolean has = Pods.spec(pod, container).bool("tty");
        if (line.on("tty") && !has && !line.on("quiet")) {
            session.err().println("error: Unable to use a TTY - container " + container + " did not allocate one");
        }
        // A container that has a terminal is spoken to by one, asked for or not.
        return Attachment.patient(session, line).connect(pod.name(), container, has);
    }
}

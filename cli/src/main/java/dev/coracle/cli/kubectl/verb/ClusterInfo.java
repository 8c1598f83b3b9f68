package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.List;

/** {@code kubectl cluster-info}, and {@code kubectl cluster-info dump}. */
public final class ClusterInfo implements Verb {
    @Override
    public Flags flags() {
        return Flags.of(ClusterInfoDump.FLAGS);
    }

    @Override
    public Flags flags(List<String> arguments) {
        return arguments.isEmpty() ? Flags.of() : flags();
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        if (!line.arguments().isEmpty() && line.arguments().getFirst().equals("dump")) {
            return ClusterInfoDump.run(session, line);
        }
        flags().options().stream().filter(o -> line.has(o.name())).findFirst().ifPresent(o -> {
            throw new Failure("unknown flag: --" + o.name() + "\nSee 'kubectl cluster-info --help' for usage.");
        });
        String server = session.endpoint().server().toString();
        var services = session.client()
                .list(Resources.SERVICES, "kube-system", ListOptions.labels("kubernetes.io/cluster-service=true"))
                .items();
        session.out().println("Kubernetes control plane is running at " + server);
        for (Revision r : services) {
            Unstructured s = r.object();
            String name = s.labels().getOrDefault("kubernetes.io/name", s.name());
            var ports = s.objects("spec", "ports");
            String port = ports.isEmpty() || ports.getFirst().string("name").isEmpty()
                    ? ""
                    : ":" + ports.getFirst().string("name");
            session.out()
                    .println(name + " is running at " + server + "/api/v1/namespaces/kube-system/services/" + s.name()
                            + port + "/proxy");
        }
        session.out().println();
        session.out().println("To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.");
        return 0;
    }
}

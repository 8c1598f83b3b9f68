package dev.coracle.cli.kubectl.set;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** {@code kubectl set serviceaccount deployment web robot}. */
final class ServiceAccountSetting implements Setting {
    @Override
    public String name() {
        return "serviceaccount";
    }

    @Override
    public String done() {
        return "serviceaccount updated";
    }

    @Override
    public String[] flags() {
        return new String[] {};
    }

    @Override
    public Wish read(Session session, Flags.Line line, List<String> arguments) {
        if (arguments.isEmpty()) {
            throw new Failure("serviceaccount is required");
        }
        String account = arguments.getLast();
        return new Wish(arguments.subList(0, arguments.size() - 1), o -> {
            Unstructured spec = PodSpecs.of(o).set(account, "serviceAccountName");
            // Its older name follows by itself, where it is there.
            if (spec.has("serviceAccount")) {
                spec.set(account, "serviceAccount");
            }
        });
    }
}

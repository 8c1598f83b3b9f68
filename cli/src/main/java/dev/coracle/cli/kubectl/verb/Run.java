package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** {@code kubectl run}: one pod of one image. */
public final class Run implements Verb {
    /** {@code [HOST[:PORT]/]PATH[:TAG][@DIGEST]}. */
    private static final Pattern IMAGE = Pattern.compile("([A-Za-z0-9.-]+(:[0-9]+)?/)?"
            + "[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
            + "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@[A-Za-z][A-Za-z0-9+._-]*:[0-9a-fA-F]{32,})?");

    @Override
    public Flags flags() {
        return Flags.of(
                "image",
                "image-pull-policy",
                "port",
                "env*",
                "restart",
                "labels,l",
                "annotations*",
                "command!",
                "privileged!",
                "dry-run?client",
                "output,o",
                "field-manager");
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        List<String> arguments = line.arguments();
        if (arguments.isEmpty() || line.dash() == 0) {
            throw new Failure("NAME is required for run" + help());
        }
        String image = line.get("image");
        if (image.isEmpty()) {
            throw new Failure("required flag(s) \"image\" not set");
        }
        if (!IMAGE.matcher(image).matches()) {
            throw new Failure("Invalid image name \"" + image + "\": invalid reference format");
        }
        String restart = line.get("restart", "Always");
        if (!List.of("Always", "OnFailure", "Never").contains(restart)) {
            throw new Failure("invalid restart policy: " + restart + help());
        }
        Made.submit(session, line, Resources.PODS, pod(line, image, restart), "kubectl-run", "created");
        return 0;
    }

    private static String help() {
        return "\nSee 'kubectl run -h' for help and examples";
    }

    private static Unstructured pod(Flags.Line line, String image, String restart) {
        String name = line.arguments().getFirst();
        List<String> words =
                new ArrayList<>(line.arguments().subList(1, line.arguments().size()));
        Unstructured c = new Unstructured(new LinkedHashMap<>())
                .set(image, "image")
                .set(name, "name")
                .set(new LinkedHashMap<String, Object>(), "resources");
        if (line.has("image-pull-policy")) {
            c.set(line.get("image-pull-policy"), "imagePullPolicy");
        }
        if (!words.isEmpty()) {
            c.set(words, line.on("command") ? "command" : "args");
        }
        for (String env : line.all("env")) {
            int equals = env.indexOf('=');
            if (equals <= 0) {
                throw new Failure("invalid env: " + env);
            }
            Map<String, Object> e = new LinkedHashMap<>();
            e.put("name", env.substring(0, equals));
            // As kubectl: a variable with nothing in it is one without a value.
            if (equals + 1 < env.length()) {
                e.put("value", env.substring(equals + 1));
            }
            c.add(e, "env");
        }
        if (line.has("port")) {
            c.add(new LinkedHashMap<>(Map.of("containerPort", Made.port(line.get("port")))), "ports");
        }
        if (line.on("privileged")) {
            c.set(true, "securityContext", "privileged");
        }
        Unstructured pod = Unstructured.of("v1", "Pod", "", name)
                .set(line.has("labels") ? Made.labels(line.get("labels")) : Map.of("run", name), "metadata", "labels")
                .set("ClusterFirst", "spec", "dnsPolicy")
                .set(restart, "spec", "restartPolicy")
                .add(c, "spec", "containers")
                .set(new LinkedHashMap<String, Object>(), "status");
        for (String a : line.all("annotations")) {
            int equals = a.indexOf('=');
            if (equals <= 0) {
                throw new Failure("unexpected annotations spec: " + a);
            }
            pod.set(a.substring(equals + 1), "metadata", "annotations", a.substring(0, equals));
        }
        return pod;
    }
}

package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.stream.Attachment;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** {@code kubectl run}: one pod of one image. */
public final class Run implements Verb {
    private static final Duration GLANCE = Duration.ofMillis(100);

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
                "stdin,i!",
                "tty,t!",
                "attach!",
                "quiet,q!",
                "leave-stdin-open!",
                "rm!",
                Attachment.PATIENCE,
                "dry-run?client",
                "output,o",
                "template",
                "expose!",
                "overrides",
                "override-type",
                "field-manager",
                "save-config!",
                "show-managed-fields!");
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException, InterruptedException {
        List<String> arguments = line.arguments();
        if (!line.has("image")) {
            throw new Failure("required flag(s) \"image\" not set");
        }
        if (arguments.isEmpty() || line.dash() == 0) {
            throw new Failure("NAME is required for run" + help());
        }
        String image = line.get("image");
        if (image.isEmpty()) {
            throw new Failure("--image is required");
        }
        if (!IMAGE.matcher(image).matches()) {
            throw new Failure("Invalid image name \"" + image + "\": invalid reference format");
        }
        String restart = line.get("restart", "Always");
        if (!List.of("Always", "OnFailure", "Never").contains(restart)) {
            throw new Failure("invalid restart policy: " + restart + help());
        }
        boolean attached = line.on("attach", line.on("stdin"));
        check(line, attached);
        if (line.on("expose") && !line.has("port")) {
            throw new Failure("--port must be set when exposing a service" + help());
        }
        Unstructured pod = Overrides.of(line, pod(line, image, restart));
        if (line.on("expose")) {
            Made.submit(session, line, Resources.SERVICES, service(pod, line), "kubectl-run", "created");
            // Two documents, as one stream.
            if (line.get("output").equals("yaml")) {
                session.out().println("---");
            }
        }
        if (!attached) {
            Made.submit(session, line, Resources.PODS, pod, "kubectl-run", "created");
            return 0;
        }
        session.client()
                .create(
                        Resources.PODS,
                        session.namespace(),
                        pod,
                        WriteOptions.DEFAULT.as(line.get("field-manager", "kubectl-run")));
        try {
            return talk(session, line, pod.name(), restart);
        } finally {
            if (line.on("rm")) {
                remove(session, pod.name());
            }
        }
    }

    /** Before the pod, at the port it listens on. */
    private static Unstructured service(Unstructured pod, Flags.Line line) {
        long port = Made.port(line.get("port"));
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("port", port);
        one.put("protocol", "TCP");
        one.put("targetPort", port);
        return Unstructured.of("v1", "Service", "", pod.name())
                .set(line.has("labels") ? Made.labels(line.get("labels")) : null, "metadata", "labels")
                .add(one, "spec", "ports")
                .set(pod.labels(), "spec", "selector")
                .set(new LinkedHashMap<String, Object>(), "status", "loadBalancer");
    }

    private static void remove(Session session, String name) {
        try {
            session.client().delete(Resources.PODS, session.namespace(), name, DeleteOptions.DEFAULT);
            session.out().println("pod \"" + name + "\" deleted");
        } catch (StatusException e) {
            // Somebody else was faster: how the pod ended is what counts.
            if (!e.isNotFound()) {
                throw e;
            }
        }
    }

    private static void check(Flags.Line line, boolean attached) {
        if (line.on("tty") && !line.on("stdin")) {
            throw new Failure("-i/--stdin is required for containers with -t/--tty=true" + help());
        }
        if (line.on("rm") && !attached) {
            throw new Failure("--rm should only be used for attached containers" + help());
        }
        if (attached && line.has("dry-run") && !line.get("dry-run").equals("none")) {
            throw new Failure("--dry-run=[server|client] can't be used with attached containers options"
                    + " (--attach, --stdin, or --tty)" + help());
        }
    }

    /** Connects the user; a pod that ends has its exit code handed on. */
    private static int talk(Session session, Flags.Line line, String name, String restart)
            throws IOException, InterruptedException {
        int code = Attachment.patient(session, line).run(name, name);
        if (restart.equals("Always") || line.on("leave-stdin-open")) {
            return code;
        }
        // For OnFailure only success is an end.
        List<String> ends = restart.equals("Never") ? List.of("Succeeded", "Failed") : List.of("Succeeded");
        Unstructured pod =
                session.client().get(Resources.PODS, session.namespace(), name).object();
        while (!ends.contains(pod.string("status", "phase"))) {
            session.environment().sleep(GLANCE);
            pod = session.client()
                    .get(Resources.PODS, session.namespace(), name)
                    .object();
        }
        if (pod.string("status", "phase").equals("Succeeded")) {
            return 0;
        }
        Unstructured ended = pod.objects("status", "containerStatuses").stream()
                .map(s -> s.object("state", "terminated"))
                .findFirst()
                .orElseGet(() -> new Unstructured(new LinkedHashMap<>()));
        int exit = (int) ended.integer(0, "exitCode");
        String pods = "pod " + pod.namespace() + "/" + name;
        throw exit == 0
                ? new Failure(pods + " failed with unknown exit code")
                : Failure.plain(
                        pods + " terminated (" + ended.string("reason") + ")"
                                + (ended.has("message") ? "\n" + ended.string("message") : ""),
                        exit);
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
        if (line.on("stdin")) {
            c.set(true, "stdin");
            c.set(!line.on("leave-stdin-open"), "stdinOnce");
        }
        if (line.on("tty")) {
            c.set(true, "tty");
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

package dev.coracle.cli.kubectl.stream;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Targets;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code kubectl debug}: a container with tools, put into a running pod, into a copy of one, or on a node. What is made is
 * decided here; {@link Attachment} hands it to the user.
 */
public final class Debug implements Verb {
    private static final String MANAGER = "kubectl-debug";

    @Override
    public Flags flags() {
        return Flags.of(
                "image",
                "image-pull-policy",
                "container,c",
                "target",
                "env*",
                "stdin,i!",
                "tty,t!",
                "attach!",
                "quiet,q!",
                "arguments-only!",
                "profile",
                "copy-to",
                "replace!",
                "same-node!",
                "set-image*",
                "share-processes!");
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException, InterruptedException {
        List<String> names =
                line.dash() < 0 ? line.arguments() : line.arguments().subList(0, line.dash());
        if (names.isEmpty()) {
            throw new Failure("NAME is required for debug");
        }
        if (names.size() > 1 && line.dash() < 0) {
            throw new Failure("spaces between plugin arguments and '--' separator are not allowed");
        }
        check(line);
        Targets.Target target = Targets.single(new Catalog(session), names, "pods");
        Attachment attachment = new Attachment(session, line);
        if (target.resource().resource().equals(Resources.NODES)) {
            return node(session, line, target.name(), attachment);
        }
        if (!target.resource().resource().equals(Resources.PODS)) {
            throw new Failure("\"" + target.resource().resource().resource() + "\" not supported by debug");
        }
        Unstructured pod = Pods.pod(session, target.name());
        return line.get("copy-to").isEmpty()
                ? ephemeral(session, line, pod, attachment)
                : copy(session, line, pod, attachment);
    }

    private static void check(Flags.Line line) {
        boolean copies = line.has("copy-to");
        if (line.get("image").isEmpty() && !(copies && line.has("set-image"))) {
            throw new Failure("you must specify --image" + (copies ? " or --set-image" : " when not using --copy-to"));
        }
        for (String only : List.of("replace", "same-node", "share-processes", "set-image")) {
            if (line.has(only) && !copies) {
                throw new Failure("--" + only + " may only be used with --copy-to");
            }
        }
        if (line.has("target") && copies) {
            throw new Failure("--target is incompatible with --copy-to. Use --share-processes instead.");
        }
        if (line.on("tty") && !line.on("stdin")) {
            throw new Failure("-i/--stdin is required for containers with -t/--tty=true");
        }
        DebugProfile.of(profile(line));
    }

    private static String profile(Flags.Line line) {
        return line.get("profile", "general");
    }

    private int ephemeral(Session session, Flags.Line line, Unstructured pod, Attachment attachment)
            throws IOException, InterruptedException {
        String target = line.get("target");
        if (!target.isEmpty() && !line.on("quiet")) {
            session.out()
                    .println("Targeting container \"" + target + "\". If you don't see processes from this container it"
                            + " may be because the container runtime doesn't support this feature.");
        }
        Unstructured c = container(line, name(session, line, pod), "File");
        DebugProfile.of(profile(line)).inPod(c);
        if (!target.isEmpty()) {
            c.set(target, "targetContainerName");
        }
        Unstructured patch = new Unstructured(new LinkedHashMap<>()).add(c, "spec", "ephemeralContainers");
        session.client()
                .patch(
                        Resources.PODS,
                        pod.namespace(),
                        pod.name(),
                        Patch.strategic(patch),
                        new WriteOptions("ephemeralcontainers", MANAGER, false, false));
        return attachment.run(pod.name(), c.string("name"));
    }

    /** The name asked for, or a fresh one, which the user is told. */
    private static String name(Session session, Flags.Line line, Unstructured pod) {
        if (line.has("container")) {
            return line.get("container");
        }
        List<String> taken = Pods.containers(pod);
        String name;
        do {
            name = "debugger-" + session.environment().entropy().suffix(5);
        } while (taken.contains(name));
        if (!line.on("quiet")) {
            session.out().println("Defaulting debug container name to " + name + ".");
        }
        return name;
    }

    private static Unstructured container(Flags.Line line, String name, String lastWords) {
        Unstructured c =
                new Unstructured(new LinkedHashMap<>()).set(name, "name").set(lastWords, "terminationMessagePolicy");
        return dress(c, line);
    }

    /** With what the flags say, as far as they say anything. */
    private static Unstructured dress(Unstructured c, Flags.Line line) {
        if (line.has("image")) {
            c.set(line.get("image"), "image");
        }
        if (line.has("image-pull-policy")) {
            c.set(line.get("image-pull-policy"), "imagePullPolicy");
        }
        if (line.dash() >= 0 && line.dash() < line.arguments().size()) {
            List<String> words =
                    line.arguments().subList(line.dash(), line.arguments().size());
            if (line.on("arguments-only")) {
                c.set(words, "args");
            } else {
                c.set(words, "command").remove("args");
            }
        }
        for (String env : line.all("env")) {
            int equals = env.indexOf('=');
            if (equals <= 0) {
                throw new Failure("invalid env: " + env);
            }
            c.add(
                    new LinkedHashMap<>(Map.of("name", env.substring(0, equals), "value", env.substring(equals + 1))),
                    "env");
        }
        if (line.has("stdin")) {
            c.set(line.on("stdin"), "stdin");
        }
        if (line.has("tty")) {
            c.set(line.on("tty"), "tty");
        }
        return c;
    }

    private int copy(Session session, Flags.Line line, Unstructured pod, Attachment attachment)
            throws IOException, InterruptedException {
        Unstructured copied = Unstructured.of("v1", "Pod", pod.namespace(), line.get("copy-to"));
        copied.set(pod.get("metadata", "labels"), "metadata", "labels");
        copied.set(pod.get("metadata", "annotations"), "metadata", "annotations");
        copied.set(pod.copy().get("spec"), "spec");
        copied.remove("spec", "ephemeralContainers");
        DebugProfile profile = DebugProfile.of(profile(line));
        if (line.on("share-processes", true)) {
            copied.set(true, "spec", "shareProcessNamespace");
        }
        if (!line.on("same-node")) {
            copied.remove("spec", "nodeName");
        }
        profile.onCopy(copied);
        images(line, copied);
        String name = added(session, line, copied, profile);
        if (line.on("replace")) {
            session.client().delete(Resources.PODS, pod.namespace(), pod.name(), DeleteOptions.DEFAULT);
        }
        session.client().create(Resources.PODS, pod.namespace(), copied, WriteOptions.DEFAULT.as(MANAGER));
        return name.isEmpty() ? 0 : attachment.run(copied.name(), name);
    }

    /** {@code --set-image=app=busybox,*=debian}. */
    private static void images(Flags.Line line, Unstructured pod) {
        Map<String, String> images = new LinkedHashMap<>();
        for (String given : line.all("set-image")) {
            for (String pair : given.split(",")) {
                int equals = pair.indexOf('=');
                if (equals <= 0 || equals == pair.length() - 1) {
                    throw new Failure("invalid set-image: " + pair);
                }
                images.put(pair.substring(0, equals), pair.substring(equals + 1));
            }
        }
        for (Unstructured c : pod.objects("spec", "containers")) {
            String image = images.getOrDefault(c.string("name"), images.getOrDefault("*", ""));
            if (!image.isEmpty()) {
                c.set(image, "image");
            }
        }
    }

    /** Changes the container asked for, or adds one. @return its name; {@code ""} where only images were to change */
    private static String added(Session session, Flags.Line line, Unstructured copied, DebugProfile profile) {
        for (Unstructured c : copied.objects("spec", "containers")) {
            if (c.string("name").equals(line.get("container"))) {
                profile.inPod(dress(c, line));
                return c.string("name");
            }
        }
        if (line.get("image").isEmpty()) {
            return "";
        }
        Unstructured c = container(line, name(session, line, copied), "FallbackToLogsOnError");
        profile.inPod(c);
        copied.add(c, "spec", "containers");
        return c.string("name");
    }

    private int node(Session session, Flags.Line line, String node, Attachment attachment)
            throws IOException, InterruptedException {
        session.client().get(Resources.NODES, "", node);
        String prefix = "node-debugger-" + node + "-";
        String name = prefix.substring(0, Math.min(58, prefix.length()))
                + session.environment().entropy().suffix(5);
        DebugProfile profile = DebugProfile.of(profile(line));
        Unstructured c = container(line, line.get("container", "debugger"), "File");
        profile.onNode(c);
        Unstructured pod = Unstructured.of("v1", "Pod", session.namespace(), name)
                .set("kubectl-debug", "metadata", "labels", "app.kubernetes.io/managed-by")
                .set(node, "spec", "nodeName")
                .set("Never", "spec", "restartPolicy")
                .add(new LinkedHashMap<>(Map.of("operator", "Exists")), "spec", "tolerations");
        if (profile.seesNode()) {
            for (String namespace : List.of("hostIPC", "hostNetwork", "hostPID")) {
                pod.set(true, "spec", namespace);
            }
            DebugProfile.mountNode(pod, c);
        }
        pod.add(c, "spec", "containers");
        if (!line.on("quiet")) {
            session.out()
                    .println("Creating debugging pod " + name + " with container " + c.string("name") + " on node "
                            + node + ".");
        }
        session.client().create(Resources.PODS, session.namespace(), pod, WriteOptions.DEFAULT.as(MANAGER));
        return attachment.run(name, c.string("name"));
    }
}

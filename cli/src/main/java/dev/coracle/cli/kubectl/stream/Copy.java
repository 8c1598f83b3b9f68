package dev.coracle.cli.kubectl.stream;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code kubectl cp}: the container's own {@code tar} writes or reads one end of the archive, and we the other. The
 * archive rests in a temporary file meanwhile, so that neither end waits for the other.
 */
public final class Copy implements Verb {
    /** @param pod {@code ""} for a file here */
    private record Spec(String namespace, String pod, String path) {}

    @Override
    public Flags flags() {
        return Flags.of("container,c", "no-preserve!");
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException, InterruptedException {
        if (line.arguments().size() != 2) {
            throw new Failure("source and destination are required");
        }
        Spec from = spec(session, line.arguments().getFirst());
        Spec to = spec(session, line.arguments().get(1));
        if (!from.pod().isEmpty() && !to.pod().isEmpty()) {
            throw new Failure("one of src or dest must be a local file specification");
        }
        if (from.path().isEmpty() || to.path().isEmpty()) {
            throw new Failure("filepath can not be empty");
        }
        if (from.pod().isEmpty() && to.pod().isEmpty()) {
            throw new Failure("one of src or dest must be a remote file specification");
        }
        Path archive = Files.createTempFile("kubectl-cp-", ".tar");
        try {
            if (to.pod().isEmpty()) {
                download(session, line, from, Path.of(to.path()), archive);
            } else {
                upload(session, line, Path.of(from.path()), to, archive);
            }
        } finally {
            Files.deleteIfExists(archive);
        }
        return 0;
    }

    /** {@code [[NAMESPACE/]POD:]PATH}. */
    private static Spec spec(Session session, String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            return new Spec("", "", text);
        }
        String[] pod = text.substring(0, colon).split("/", -1);
        if (colon == 0 || pod.length > 2) {
            throw new Failure("filespec must match the canonical format: [[namespace/]pod:]file/path");
        }
        String namespace = pod.length == 2 ? pod[0] : session.namespace();
        return new Spec(namespace, pod[pod.length - 1], text.substring(colon + 1));
    }

    private static void download(Session session, Flags.Line line, Spec from, Path to, Path archive)
            throws IOException, InterruptedException {
        Unstructured pod = pod(session, from);
        String container = Pods.container(session, pod, line.get("container"));
        String path = Exec.path(pod, container, List.of("tar", "cf", "-", from.path()), false, false);
        try (OutputStream out = Files.newOutputStream(archive)) {
            Exec.run(session, path, new Exec.Streams(InputStream.nullInputStream(), out, session.err()), false, false);
        }
        String rescue = "kubectl exec -n \"" + from.namespace() + "\" \"" + from.pod() + "\" -- tar cf - \""
                + from.path() + "\" | tar xf -";
        try (InputStream in = Files.newInputStream(archive)) {
            Archive.unpack(in, from.path(), to, session.err(), rescue);
        }
    }

    private static void upload(Session session, Flags.Line line, Path from, Spec to, Path archive)
            throws IOException, InterruptedException {
        if (!Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
            throw new Failure(from + " doesn't exist in local filesystem");
        }
        Unstructured pod = pod(session, to);
        String container = Pods.container(session, pod, line.get("container"));
        String target = Archive.clean(to.path());
        if (isDirectory(session, pod, container, to.path())) {
            target = Archive.clean(
                    target + "/" + from.toAbsolutePath().normalize().getFileName());
        }
        int slash = target.lastIndexOf('/');
        String parent = slash < 0 ? "." : slash == 0 ? "/" : target.substring(0, slash);
        try (OutputStream out = Files.newOutputStream(archive)) {
            Archive.pack(from, target.substring(slash + 1), out);
        }
        List<String> command = new ArrayList<>(List.of("tar"));
        if (line.on("no-preserve")) {
            command.addAll(List.of("--no-same-permissions", "--no-same-owner"));
        }
        command.addAll(List.of("-xmf", "-", "-C", parent));
        try (InputStream in = Files.newInputStream(archive)) {
            Exec.run(
                    session,
                    Exec.path(pod, container, command, true, false),
                    new Exec.Streams(in, session.out(), session.err()),
                    true,
                    false);
        }
    }

    private static Unstructured pod(Session session, Spec spec) {
        return session.client()
                .get(Resources.PODS, spec.namespace(), spec.pod())
                .object();
    }

    private static boolean isDirectory(Session session, Unstructured pod, String container, String path)
            throws IOException, InterruptedException {
        var silent = new Exec.Streams(
                new ByteArrayInputStream(new byte[0]),
                OutputStream.nullOutputStream(),
                OutputStream.nullOutputStream());
        try {
            Exec.run(
                    session,
                    Exec.path(pod, container, List.of("test", "-d", path), false, false),
                    silent,
                    false,
                    false);
            return true;
        } catch (Failure no) {
            return false;
        }
    }
}

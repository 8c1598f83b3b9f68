package dev.coracle.runtime.oci.build;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The image {@code busybox}, made of this machine's. It is called what it is: {@code busybox:1.35} where Debian's 1.35 is
 * installed. Debian builds busybox leaner than its users know it, so {@code wget} and {@code nc} are two small scripts
 * that have GNU wget do what this one cannot. Its shell would pass them by, since it looks into itself before it looks at
 * {@code PATH}; so the shell is bash, by the name of {@code sh} and with the prompt that people know.
 *
 * @param contents what is inside, in words for people
 * @param names what it is called
 * @param tools goes over {@link BaseImage#glibc}
 */
public record BusyboxImage(String contents, List<String> names, Layer tools) {
    /** Says in words what an image is that was made here rather than pulled. */
    public static final String CONTENTS_LABEL = "dev.coracle.contents";

    /** Names, between spaces, that it may answer to while their registry cannot be reached. */
    public static final String STANDS_IN_LABEL = "dev.coracle.stands-in-for";

    /** What manifests ask for most: the current releases, and the one of Kubernetes' own examples. */
    private static final List<String> WANTED = List.of("busybox:1.28", "busybox:1.36", "busybox:1.37");

    private static final Pattern VERSION = Pattern.compile("BusyBox v(([0-9]+)\\.[0-9]+)(\\.[0-9]+)( \\([^)]*\\))?");
    private static final Pattern LIBRARY = Pattern.compile("(\\S+) => (/\\S+) \\(");

    public static BusyboxImage ofThisMachine() throws IOException {
        String banner = BaseImage.output(BaseImage.program().toString());
        Matcher version = VERSION.matcher(banner);
        if (!version.find()) {
            throw new IOException(BaseImage.program() + " does not say its version, but: " + banner);
        }
        String minor = "busybox:" + version.group(1);
        List<String> names = List.of(
                "coracle/busybox:1", "busybox:latest", "busybox:" + version.group(2), minor, minor + version.group(3));
        return new BusyboxImage(version.group() + " with bash and GNU wget", names, programs());
    }

    /** @param ground {@link BaseImage#glibc}: a static busybox needs the C library, too, to look up names */
    public ImageBuilder on(Layer ground) {
        List<String> wanted = new ArrayList<>(WANTED);
        wanted.removeAll(names);
        return new ImageBuilder(names.toArray(String[]::new))
                .layer(ground)
                .layer(tools)
                .env("PS1", "\\w \\$ ")
                .label(CONTENTS_LABEL, contents)
                .label(STANDS_IN_LABEL, String.join(" ", wanted))
                .command("sh");
    }

    private static Layer programs() throws IOException {
        Layer layer = new Layer()
                .file("/bin/wget", script("wget.sh"), 0755)
                .file("/bin/nc", script("nc.sh"), 0755)
                .symlink("/bin/sh", "../usr/libexec/sh");
        program(layer, "bash", "/usr/libexec/sh");
        program(layer, "wget", "/usr/libexec/wget");
        return layer;
    }

    /** With the libraries that it needs besides those of {@link BaseImage#glibc}. */
    private static void program(Layer layer, String name, String path) throws IOException {
        Path program = Optional.of(Path.of("/usr/bin", name))
                .filter(Files::isExecutable)
                .orElseThrow(() -> new IOException("the image busybox needs this machine's " + name
                        + ", which is not installed; run: apt-get install " + name));
        layer.copy(program.toRealPath(), path, 0755);
        Matcher library = LIBRARY.matcher(BaseImage.output("ldd", program.toString()));
        while (library.find()) {
            if (!BaseImage.LIBRARIES.contains(library.group(1))) {
                layer.copy(Path.of(library.group(2)).toRealPath(), "/usr/lib/" + library.group(1), 0755);
            }
        }
    }

    /** The scripts, for whoever keeps what was built of them. */
    public static String scripts() throws IOException {
        return new String(script("wget.sh"), StandardCharsets.UTF_8)
                + new String(script("nc.sh"), StandardCharsets.UTF_8);
    }

    private static byte[] script(String name) throws IOException {
        try (InputStream in = BusyboxImage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is missing in the runtime's jar");
            }
            return in.readAllBytes();
        }
    }
}

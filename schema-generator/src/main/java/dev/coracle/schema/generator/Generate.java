package dev.coracle.schema.generator;

import java.io.File;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.ZipFile;

/** Writes the schema resources below the directory that its argument names, unless they are there already. */
public final class Generate {
    private Generate() {}

    public static void main(String[] args) throws Exception {
        Path root = Path.of(args[0]);
        File sources = jar("io/kubernetes/client/proto/Meta.java");
        File models = jar(Models.PACKAGE + "V1ObjectMeta.class");
        Path own = Path.of(Generate.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        String inputs = inputs(sources.toPath()) + inputs(models.toPath()) + inputs(own);
        Path stamp = root.resolveSibling("schema.inputs");
        if (Files.exists(stamp) && Files.readString(stamp).equals(inputs)) {
            return;
        }
        try (ZipFile s = new ZipFile(sources);
                ZipFile m = new ZipFile(models)) {
            var joining = new Joining(ProtoSources.read(s), Models.read(m), Facts.read());
            var writing = new Writing(root.resolve("dev/coracle/machinery/schema"));
            writing.write(joining.join());
            writing.writeWires(joining.wires(), Facts.text("aggregator.wire"));
        }
        Files.writeString(stamp, inputs);
    }

    /** Changes when the jar, or a file of the directory of classes, does. */
    private static String inputs(Path path) throws IOException {
        try (var files = Files.walk(path)) {
            long newest = files.mapToLong(p -> p.toFile().lastModified()).max().orElse(0);
            return path.getFileName() + " " + newest + "\n";
        }
    }

    private static File jar(String resource) throws IOException {
        URL url = Objects.requireNonNull(Generate.class.getClassLoader().getResource(resource), resource);
        if (url.openConnection() instanceof JarURLConnection c) {
            return Path.of(java.net.URI.create(c.getJarFileURL().toString())).toFile();
        }
        throw new IOException(resource + " is in no jar");
    }
}

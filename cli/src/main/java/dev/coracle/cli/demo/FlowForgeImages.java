package dev.coracle.cli.demo;

import dev.coracle.runtime.oci.build.BaseImage;
import dev.coracle.runtime.oci.build.BusyboxImage;
import dev.coracle.runtime.oci.build.ImageBuilder;
import dev.coracle.runtime.oci.build.Layer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Every image of the demo, made of what the build left under {@code flowforge/target}, the JDK that runs this and a few
 * files of the machine; no network, no registry, no Docker. Archives are kept under a key of all they are made of, so a
 * second build finds them done.
 *
 * <p>The layers of FlowForge's images, from the ground: C library and busybox; a Java runtime with the modules it needs;
 * its jars; the JVM's start-up cache. They share all of them: v1 and v2 of the api-service differ in
 * {@code FLOWFORGE_VERSION}, which it tells at {@code /api/version} and in the header {@code X-FlowForge-Version}.
 */
public final class FlowForgeImages {
    /** What FlowForge and its libraries were seen to use; jdeps' suggestion less Java beans and RMI. */
    private static final String MODULES = "java.base,java.instrument,java.management,java.naming,java.net.http,"
            + "java.security.jgss,java.sql,jdk.jfr,jdk.unsupported";

    /** A small heap, the collector and compiler that start fastest, and death rather than limping on. */
    private static final List<String> FLAGS = List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseCompactObjectHeaders",
            "-XX:MaxRAMPercentage=50",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            "-Xss512k",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    private static final String PROGRAM = "dev.coracle.flowforge.Main";
    private static final int SERVICE_USER = 1000;
    private static final int POSTGRES_USER = 999;

    private final Path flowforge;
    private final Path javaHome;
    private final ImageCache cache;
    private final boolean rehearse;

    /**
     * @param dist the source tree, built
     * @param javaHome the JDK whose runtime goes into the images
     * @param cache where archives are kept between builds
     */
    public FlowForgeImages(Path dist, Path javaHome, Path cache) {
        this(dist, javaHome, cache, true);
    }

    /** @param rehearse whether to make a start-up cache; it is the one layer that differs from build to build */
    FlowForgeImages(Path dist, Path javaHome, Path cache, boolean rehearse) {
        this.flowforge = dist.resolve("flowforge");
        this.javaHome = javaHome;
        this.cache = new ImageCache(cache);
        this.rehearse = rehearse;
    }

    /** The archives, built where they are not there yet. */
    public List<ImageFile> build() throws IOException {
        Layer glibc = BaseImage.glibc();
        try (Scratch scratch = new Scratch()) {
            return List.of(busybox(glibc), postgresql(glibc, scratch), services(glibc, scratch));
        }
    }

    private ImageFile busybox(Layer glibc) throws IOException {
        BusyboxImage image = BusyboxImage.ofThisMachine();
        String key = fingerprint()
                .code(BusyboxImage.class)
                .text(BusyboxImage.scripts())
                .files(glibc.sources())
                .files(image.tools().sources())
                .key();
        return cache.get("busybox", key, archive -> write(archive, Map.of(image.on(glibc), image.names())));
    }

    private ImageFile postgresql(Layer glibc, Scratch scratch) throws IOException {
        String key = fingerprint()
                .files(glibc.sources())
                .files(List.of(postgresqlJar(), entrypoint()))
                .key();
        return cache.get("postgresql", key, archive -> {
            String name = "flowforge/postgresql:18";
            ImageBuilder image = new ImageBuilder(name)
                    .layer(glibc)
                    .layer(new Layer().copyTree(postgresqlFiles(scratch), "/usr/local/pgsql"))
                    .layer(account("postgres", POSTGRES_USER, "/var/lib/postgresql")
                            .directory("/var/lib/postgresql", 0755, POSTGRES_USER, POSTGRES_USER)
                            .directory("/var/lib/postgresql/data", 0700, POSTGRES_USER, POSTGRES_USER)
                            .copy(entrypoint(), "/usr/local/bin/entrypoint.sh", 0755))
                    .env("PATH", "/usr/local/pgsql/bin:/usr/local/bin:/usr/bin:/bin")
                    .env("PGDATA", "/var/lib/postgresql/data/pgdata")
                    .user(POSTGRES_USER + ":" + POSTGRES_USER)
                    .workingDir("/var/lib/postgresql")
                    .entrypoint("/usr/local/bin/entrypoint.sh")
                    // SIGTERM would wait for every client to go; SIGINT is PostgreSQL's fast shutdown.
                    .stopSignal("SIGINT")
                    .expose(5432);
            return write(archive, Map.of(image, List.of(name)));
        });
    }

    private ImageFile services(Layer glibc, Scratch scratch) throws IOException {
        String key = fingerprint()
                .text("rehearse " + rehearse)
                .files(glibc.sources())
                .files(List.of(javaHome.resolve("release"), entrypoint()))
                .files(jars())
                .key();
        return cache.get("flowforge", key, archive -> writeServices(glibc, scratch, archive));
    }

    private Map<String, String> writeServices(Layer glibc, Scratch scratch, Path archive) throws IOException {
        Path runtime = scratch.resolve("java");
        link(scratch, runtime);
        Path lib = scratch.resolve("app/lib");
        stage(lib);
        List<Layer> layers = new ArrayList<>(List.of(
                glibc,
                new Layer().copyTree(runtime, "/opt/java"),
                account("flowforge", SERVICE_USER, "/app")
                        .copyTree(lib, "/app/lib")
                        .text("/app/java.args", String.join("\n", arguments("/app", true)) + "\n")));
        if (rehearse) {
            Path startup = scratch.resolve("app/flowforge.aot");
            List<String> java = new ArrayList<>(List.of(runtime + "/bin/java"));
            java.addAll(arguments(scratch.resolve("app").toString(), false));
            new StartupCache(scratch, postgresqlFiles(scratch), entrypoint()).write(startup, java);
            layers.add(new Layer().copy(startup, "/app/flowforge.aot", 0644));
        }
        Map<ImageBuilder, List<String>> images = new LinkedHashMap<>();
        service(images, layers, "api-service", "v1", "api");
        service(images, layers, "api-service", "v2", "api");
        service(images, layers, "worker-service", "v1", "worker");
        return write(archive, images);
    }

    private static void service(
            Map<ImageBuilder, List<String>> images,
            List<Layer> layers,
            String service,
            String version,
            String command) {
        String name = "flowforge/" + service + ":" + version;
        ImageBuilder image = new ImageBuilder(name)
                .env("PATH", "/opt/java/bin:/usr/bin:/bin")
                .env("JAVA_HOME", "/opt/java")
                .env("FLOWFORGE_VERSION", version)
                .user("" + SERVICE_USER)
                .workingDir("/app")
                .entrypoint("/opt/java/bin/java", "@/app/java.args")
                .command(command)
                .expose(8080);
        layers.forEach(image::layer);
        images.put(image, List.of(name));
    }

    /** Flags, class path and program, where the application lies under {@code app}. */
    private List<String> arguments(String app, boolean withCache) throws IOException {
        List<String> arguments = new ArrayList<>(FLAGS);
        if (withCache) {
            // Without a cache, or with one it finds unfit, the JVM goes on as usual.
            arguments.addAll(List.of("-XX:AOTCache=" + app + "/flowforge.aot", "-Xlog:aot=off", "-Xlog:cds=off"));
        }
        arguments.add("-cp");
        arguments.add(jars().stream().map(j -> app + "/lib/" + j.getFileName()).collect(Collectors.joining(":")));
        arguments.add(PROGRAM);
        return arguments;
    }

    private void link(Scratch scratch, Path target) throws IOException {
        Path jlink = javaHome.resolve("bin/jlink");
        if (!Files.isExecutable(jlink)) {
            throw new IOException("images need jlink, and " + javaHome + " is no full JDK; set JAVA_HOME to one");
        }
        List<String> command = new ArrayList<>(List.of(jlink.toString(), "--add-modules", MODULES));
        command.addAll(List.of("--strip-java-debug-attributes", "--no-header-files", "--no-man-pages"));
        if (Files.isExecutable(Path.of("/usr/bin/objcopy"))) {
            command.add("--strip-native-debug-symbols=exclude-debuginfo-files");
        }
        command.addAll(List.of("--output", target.toString()));
        scratch.run(command.toArray(String[]::new));
    }

    /** The start-up cache compares the jars' times, and those in a layer are zero. */
    private void stage(Path lib) throws IOException {
        Files.createDirectories(lib);
        for (Path jar : jars()) {
            Path copy = lib.resolve(jar.getFileName());
            Files.copy(jar, copy);
            Files.setLastModifiedTime(copy, FileTime.fromMillis(0));
        }
    }

    private static Map<String, String> write(Path archive, Map<ImageBuilder, List<String>> images) throws IOException {
        Iterator<String> ids =
                ImageBuilder.writeAll(archive, List.copyOf(images.keySet())).iterator();
        Map<String, String> byName = new LinkedHashMap<>();
        for (List<String> names : images.values()) {
            String id = ids.next();
            names.forEach(name -> byName.put(name, id));
        }
        return byName;
    }

    private static Layer account(String name, int id, String home) {
        return new Layer()
                .text(
                        "/etc/passwd",
                        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n" + name + ":x:" + id
                                + ":" + id + ":" + name + ":" + home + ":/bin/sh\n")
                .text("/etc/group", "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n" + name + ":x:" + id + ":\n");
    }

    private static Fingerprint fingerprint() throws IOException {
        return new Fingerprint()
                .code(
                        FlowForgeImages.class,
                        PostgresqlFiles.class,
                        StartupCache.class,
                        BaseImage.class,
                        ImageBuilder.class,
                        Layer.class);
    }

    /** The distribution, unpacked when it is first needed. */
    private Path postgresqlFiles(Scratch scratch) throws IOException {
        Path files = scratch.resolve("postgresql");
        if (!Files.exists(files)) {
            PostgresqlFiles.unpack(postgresqlJar(), files);
        }
        return files;
    }

    private Path postgresqlJar() {
        return built(flowforge.resolve("target/postgresql/binaries.jar"));
    }

    private Path entrypoint() {
        return built(flowforge.resolve("images/postgresql/entrypoint.sh"));
    }

    /** FlowForge's jar and those it needs, in the order of the class path. */
    private List<Path> jars() throws IOException {
        Path target = built(flowforge.resolve("target"));
        List<Path> jars = new ArrayList<>();
        try (Stream<Path> own = Files.list(target);
                Stream<Path> libraries = Files.list(built(target.resolve("lib")))) {
            own.filter(f -> f.getFileName().toString().matches("flowforge-.*(?<!-sources|-javadoc|-tests)\\.jar"))
                    .sorted()
                    .forEach(jars::add);
            libraries.filter(f -> f.toString().endsWith(".jar")).sorted().forEach(jars::add);
        }
        return jars;
    }

    private static Path built(Path file) {
        if (!Files.exists(file)) {
            throw new IllegalStateException(file + " is missing: build FlowForge with `mvn package -pl flowforge -am`");
        }
        return file;
    }
}

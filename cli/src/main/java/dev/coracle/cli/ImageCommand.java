package dev.coracle.cli;

import dev.coracle.cluster.ClusterPaths;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.runtime.ImageService.Image;
import dev.coracle.runtime.ImageService.StandIn;
import dev.coracle.runtime.oci.OciImageStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

@Command(
        name = "image",
        description = "The images that all clusters of this machine share.",
        mixinStandardHelpOptions = true,
        subcommands = {ImageCommand.Load.class, ImageCommand.Ls.class})
final class ImageCommand implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
        return new Ls().call();
    }

    /** All clusters share the images: whichever is named, what is listed and loaded is the same. */
    @SuppressWarnings("UnusedVariable")
    @Option(names = "--name", hidden = true, scope = ScopeType.INHERIT)
    private @Nullable String name;

    @Command(
            name = "load",
            mixinStandardHelpOptions = true,
            description = "Loads archives (docker save or OCI layout).")
    static final class Load implements Callable<Integer> {
        @Parameters(arity = "1..*", paramLabel = "FILE")
        private List<Path> files = List.of();

        @Override
        public Integer call() {
            try (var system = new SystemEnvironment((name, e) -> {});
                    var store = new OciImageStore(
                            ClusterPaths.home(System.getenv()).resolve("images"), system.environment())) {
                for (Path file : files) {
                    store.loadImage(file).forEach(System.out::println);
                }
            }
            return 0;
        }
    }

    @Command(name = "ls", mixinStandardHelpOptions = true, description = "Lists images.")
    static final class Ls implements Callable<Integer> {
        @Override
        public Integer call() {
            try (var system = new SystemEnvironment((name, e) -> {});
                    var store = new OciImageStore(
                            ClusterPaths.home(System.getenv()).resolve("images"), system.environment())) {
                System.out.printf("%-60s %-20s %9s  %s%n", "IMAGE", "ID", "SIZE", "MADE HERE OF");
                for (Image image : store.listImages()) {
                    Optional<StandIn> made = store.made(image);
                    for (String tag : image.repoTags()) {
                        line(tag, image, made.map(StandIn::contents).orElse(""));
                    }
                    for (String name : made.map(StandIn::names).orElse(List.of())) {
                        if (store.imageStatus(name).isEmpty()) {
                            line(
                                    "(" + name + ")",
                                    image,
                                    made.get().contents() + ", while the registry is out of reach");
                        }
                    }
                }
            }
            return 0;
        }

        private static void line(String name, Image image, String madeOf) {
            System.out.printf("%-60s %-20s %6.1f MB  %s%n", name, shortId(image.id()), image.size() / 1e6, madeOf);
        }

        private static String shortId(String id) {
            String hex = id.replaceFirst("^sha256:", "");
            return hex.substring(0, Math.min(12, hex.length()));
        }
    }
}

package dev.coracle.runtime.oci;

import dev.coracle.machinery.os.Nodes;
import dev.coracle.runtime.RuntimeService.ContainerConfig;
import dev.coracle.runtime.RuntimeService.SecurityContext;
import dev.coracle.runtime.oci.build.BaseImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/**
 * The first process of a process namespace that a pod's containers share: such a namespace lives only as long as that.
 * It is a container like the others, so it is supervised, adopted and swept as they are, but nobody is told of it. It has
 * a root of its own with nothing in it but itself, and no rights: those in the pod can see it.
 */
final class PauseContainer {
    /** No container of a pod can be called so. */
    private static final String NAME = "POD";

    private static final long NOBODY = 65535;

    /** busybox goes by the name that it is called by, and as its own if that begins so; the word after it is what to be then. */
    private static final String PROGRAM = "busybox-pause";

    /** A shell that waits for its child collects whatever else ends in the namespace and has no other parent. */
    private static final String SCRIPT = "while :; do /" + PROGRAM + " sleep 2147483647 & wait; done";

    private PauseContainer() {}

    static boolean is(ContainerRecord container) {
        return container.name().equals(NAME);
    }

    static ContainerConfig config() {
        return new ContainerConfig(
                NAME,
                0,
                "",
                List.of("/" + PROGRAM, "sh", "-c", SCRIPT),
                List.of(),
                "/",
                Map.of(),
                List.of(),
                "",
                false,
                false,
                false,
                2,
                0,
                0,
                0,
                -998,
                new SecurityContext(false, NOBODY, NOBODY, List.of(), false, true, List.of(), List.of("ALL"), false),
                Map.of(),
                Map.of(),
                "");
    }

    static void fill(Path rootfs) throws IOException {
        Path program = rootfs.resolve(PROGRAM);
        Files.copy(BaseImage.program(), program, StandardCopyOption.REPLACE_EXISTING);
        Nodes.mode(program, 0555);
        Nodes.mode(rootfs, 0755);
    }
}

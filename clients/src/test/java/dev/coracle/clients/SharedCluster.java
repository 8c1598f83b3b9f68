package dev.coracle.clients;

import dev.coracle.e2e.harness.Coracle;
import dev.coracle.runtime.oci.build.BaseImage;
import dev.coracle.runtime.oci.build.ImageBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One cluster with one worker for all clients; each works in a namespace of its own. A parameter of type {@link Coracle} knows its
 * kubeconfig.
 */
final class SharedCluster implements BeforeAllCallback, ParameterResolver {
    /** What each story runs: a web server whose page says hello, and which tells its log that it starts. */
    static final String SERVER = "echo hello > /tmp/index.html; echo started; exec httpd -f -p 8080 -h /tmp";

    private record Started(Coracle coracle) implements AutoCloseable {
        @Override
        public void close() {
            coracle.on("down", "--delete").ok();
        }
    }

    private static Started started(ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.create(SharedCluster.class))
                .computeIfAbsent(
                        "clients",
                        name -> {
                            Coracle coracle = Coracle.ofThisCheckout(name);
                            // Of a run that was cut short.
                            coracle.on("down", "--delete");
                            coracle.on("up", "--workers=1").ok();
                            loadBusybox(coracle);
                            return new Started(coracle);
                        },
                        Started.class);
    }

    private static void loadBusybox(Coracle coracle) {
        try {
            Path archive = Files.createTempFile("busybox", ".tar");
            new ImageBuilder("busybox:latest")
                    .layer(BaseImage.busybox())
                    .command("sh")
                    .writeTo(archive);
            coracle.run("image", "load", archive.toString()).ok();
            Files.delete(archive);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        started(context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Coracle.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return started(context).coracle();
    }
}

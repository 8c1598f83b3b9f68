package dev.coracle.e2e.harness;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One cluster for all stories, as {@code coracle up --demo} makes it: a control plane, two workers and FlowForge. It is
 * started before the first story and deleted after the last. A story that breaks it mends it, and leaves no object of its
 * own. Give a parameter of type {@link Coracle}, {@link Kubectl} or {@link FlowForge} to get at it.
 */
public final class DemoCluster implements BeforeAllCallback, ParameterResolver {
    private static final String NAME = "e2e";

    /** What {@code coracle up --demo} printed, and that it is taken down. */
    private record Started(Coracle coracle, String printed) implements AutoCloseable {
        @Override
        public void close() {
            coracle.on("down", "--delete").ok();
        }
    }

    private static Started started(ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.create(DemoCluster.class))
                .computeIfAbsent(
                        NAME,
                        key -> {
                            Coracle coracle = Coracle.ofThisCheckout(NAME);
                            // Of a run that was cut short.
                            coracle.on("down", "--delete");
                            return new Started(
                                    coracle, coracle.on("up", "--demo").ok());
                        },
                        Started.class);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        started(context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == Coracle.class || type == Kubectl.class || type == FlowForge.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Started started = started(context);
        Class<?> type = parameter.getParameter().getType();
        if (type == Coracle.class) {
            return started.coracle();
        }
        return type == Kubectl.class
                ? started.coracle().kubectl()
                : new FlowForge(started.coracle(), started.printed());
    }
}

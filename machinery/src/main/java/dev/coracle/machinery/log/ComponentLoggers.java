package dev.coracle.machinery.log;

import dev.coracle.machinery.env.SystemClock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The JVM's loggers; the JDK makes the one instance by its service file. It takes the place of {@code java.util.logging},
 * which would cost a tenth of a cluster's start.
 */
public final class ComponentLoggers extends System.LoggerFinder {
    private final Map<String, ComponentLogger> loggers = new ConcurrentHashMap<>();

    @Override
    public System.Logger getLogger(String name, Module module) {
        // What is printed goes where System.err leads at that moment: tests and the daemon redirect it.
        return loggers.computeIfAbsent(name, n -> new ComponentLogger(n, new SystemClock(), () -> System.err));
    }
}

package dev.coracle.cluster;

import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.log.ComponentLogger;
import dev.coracle.machinery.log.LogFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** A log per component, in {@code logs/NAME.log}. */
final class ComponentLogs implements AutoCloseable {
    private final Map<String, LogFile> files = new LinkedHashMap<>();

    ComponentLogs(Path dir, Clock clock) {
        Component.ALL.forEach(c -> files.put(c.name(), new LogFile(dir.resolve(c.name() + ".log"), clock)));
    }

    /** From now on each component's loggers write to its file. */
    void attach() {
        each(ComponentLogger::attach);
        files.forEach((component, file) -> file.write("Starting " + component + " version=v1.36.0+coracle"));
    }

    LogFile of(String component) {
        LogFile file = files.get(component);
        if (file == null) {
            throw new IllegalArgumentException("no component is called " + component);
        }
        return file;
    }

    private void each(BiConsumer<ComponentLogger, LogFile> action) {
        for (Component c : Component.ALL) {
            for (String name : c.loggers()) {
                // With another logging system on the class path the lines are there, and the files stay empty.
                if (System.getLogger("coracle." + name) instanceof ComponentLogger logger) {
                    action.accept(logger, of(c.name()));
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        each(ComponentLogger::detach);
        for (LogFile file : files.values()) {
            file.close();
        }
    }
}

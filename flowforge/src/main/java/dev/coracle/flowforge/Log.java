package dev.coracle.flowforge;

import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.json.Json;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One JSON object a line on standard output, at or above {@code LOG_LEVEL}. */
public final class Log {
    private static final List<String> LEVELS = List.of("debug", "info", "warn", "error");

    private final Clock clock;
    private final PrintStream out;
    private final int threshold;
    private final String service;

    public Log(Clock clock, PrintStream out, String level, String service) {
        this.clock = clock;
        this.out = out;
        this.threshold = Math.max(0, LEVELS.indexOf(level));
        this.service = service;
    }

    public void debug(String message, Object... fields) {
        write("debug", message, fields);
    }

    public void info(String message, Object... fields) {
        write("info", message, fields);
    }

    public void warn(String message, Object... fields) {
        write("warn", message, fields);
    }

    public void error(String message, Object... fields) {
        write("error", message, fields);
    }

    private void write(String level, String message, Object... fields) {
        if (LEVELS.indexOf(level) < threshold) {
            return;
        }
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("time", clock.now().toString());
        line.put("level", level);
        line.put("service", service);
        line.put("message", message);
        for (int i = 0; i + 1 < fields.length; i += 2) {
            line.put(String.valueOf(fields[i]), String.valueOf(fields[i + 1]));
        }
        out.println(Json.string(line));
    }
}

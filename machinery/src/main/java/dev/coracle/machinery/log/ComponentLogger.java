package dev.coracle.machinery.log;

import dev.coracle.machinery.env.Clock;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.text.MessageFormat;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.MissingResourceException;
import java.util.ResourceBundle;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Writes {@code I1124 04:37:29.123456 kube-proxy] message}, klog's format, from INFO on. */
public final class ComponentLogger implements System.Logger {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("MMdd HH:mm:ss.SSSSSS");

    private final String name;
    private final Clock clock;
    private final Supplier<PrintStream> out;
    private final List<LogFile> files = new CopyOnWriteArrayList<>();

    ComponentLogger(String name, Clock clock, Supplier<PrintStream> out) {
        this.name = name;
        this.clock = clock;
        this.out = out;
    }

    /** From now on what is logged goes to this file, too. */
    public void attach(LogFile file) {
        files.add(file);
    }

    public void detach(LogFile file) {
        files.remove(file);
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public boolean isLoggable(Level level) {
        return level.getSeverity() >= Level.INFO.getSeverity() && level != Level.OFF;
    }

    @Override
    public void log(
            Level level, @Nullable ResourceBundle bundle, @Nullable String message, @Nullable Throwable thrown) {
        if (!isLoggable(level)) {
            return;
        }
        StringBuilder text = new StringBuilder(line(level, translated(bundle, message)));
        if (thrown != null) {
            StringWriter trace = new StringWriter();
            thrown.printStackTrace(new PrintWriter(trace));
            text.append('\n').append(trace.toString().stripTrailing());
        }
        out.get().println(text);
        files.forEach(f -> f.write(text.toString()));
    }

    @Override
    public void log(
            Level level,
            @Nullable ResourceBundle bundle,
            @Nullable String format,
            @Nullable Object @Nullable ... parameters) {
        if (isLoggable(level)) {
            String text = translated(bundle, format);
            log(
                    level,
                    null,
                    parameters == null || parameters.length == 0 ? text : MessageFormat.format(text, parameters),
                    (Throwable) null);
        }
    }

    private static String translated(@Nullable ResourceBundle bundle, @Nullable String message) {
        if (bundle == null || message == null) {
            return String.valueOf(message);
        }
        try {
            return bundle.getString(message);
        } catch (MissingResourceException e) {
            return message;
        }
    }

    private String line(Level level, String message) {
        char letter = switch (level) {
            case ERROR -> 'E';
            case WARNING -> 'W';
            default -> 'I';
        };
        String shown = name.startsWith("coracle.") ? name.substring("coracle.".length()) : name;
        return letter + TIME.format(clock.now().atOffset(ZoneOffset.UTC)) + " " + shown + "] " + message;
    }
}

package dev.coracle.cli;

import dev.coracle.machinery.env.Clock;
import java.io.PrintStream;
import java.util.Locale;

/** Tells the user what happens, a line a step, with how long it took; colour where it is read on a terminal. */
final class Progress {
    private final PrintStream out;
    private final PrintStream complaints;
    private final Clock clock;
    private final boolean colour;

    /** @param complaints where errors go, which a script does not take for the result */
    Progress(PrintStream out, PrintStream complaints, Clock clock, boolean colour) {
        this.out = out;
        this.complaints = complaints;
        this.clock = clock;
        this.colour = colour;
    }

    /** A step that may fail. */
    @FunctionalInterface
    interface Step<T> {
        T run() throws Exception;
    }

    <T> T step(String what, Step<T> step) throws Exception {
        long began = clock.nanos();
        try {
            T result = step.run();
            double seconds = clock.elapsed(began).toMillis() / 1000.0;
            out.println(paint("32", "✓") + " " + what + paint("90", String.format(Locale.ROOT, "  %.1fs", seconds)));
            out.flush();
            return result;
        } catch (Exception e) {
            mark(false, what);
            throw e;
        }
    }

    /** A tick or a cross, and what it is for. */
    void mark(boolean good, String what) {
        out.println((good ? paint("32", "✓") : paint("31", "✗")) + " " + what);
        out.flush();
    }

    void line(String text) {
        out.println(text);
        out.flush();
    }

    String strong(String text) {
        return paint("1", text);
    }

    void error(String text) {
        complaints.println(paint("31", "error: ") + text);
        complaints.flush();
    }

    private String paint(String code, String text) {
        return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}

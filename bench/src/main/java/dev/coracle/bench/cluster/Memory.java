package dev.coracle.bench.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What one JVM holds.
 *
 * @param residentMiB as it was found
 * @param heapMiB what was alive after a collection
 */
record Memory(double residentMiB, double heapMiB) {
    static Memory of(long pid) throws IOException, InterruptedException {
        double resident = resident(Files.readString(Path.of("/proc/" + pid + "/status")));
        String jcmd = System.getProperty("java.home") + "/bin/jcmd";
        // Counting live objects collects the others.
        Process histogram = new ProcessBuilder(jcmd, "" + pid, "GC.class_histogram").start();
        String text = new String(histogram.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (histogram.waitFor() != 0) {
            throw new IOException("jcmd could not ask process " + pid);
        }
        return new Memory(resident, live(text));
    }

    /** Of {@code /proc/PID/status}. */
    static double resident(String status) {
        return status.lines()
                        .filter(l -> l.startsWith("VmRSS:"))
                        .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")))
                        .findFirst()
                        .orElseThrow()
                / 1024.0;
    }

    /** Of jcmd's class histogram, whose last line is {@code Total, instances, bytes}. */
    static double live(String histogram) {
        String total = histogram
                .lines()
                .filter(l -> l.startsWith("Total"))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no class histogram: " + histogram));
        return Long.parseLong(total.strip().split("\\s+")[2]) / (1024.0 * 1024);
    }
}

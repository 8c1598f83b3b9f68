package dev.coracle.machinery.os;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a kernel setting, and whose setting it is. Only a setting of a namespace may be a pod's: every other one,
 * {@code kernel.core_pattern} above all, is the whole machine's.
 *
 * <p>As {@code sysctl(8)} has it, the first separator tells which of the two separates: {@code net.ipv4.tcp_rmem} and
 * {@code net/ipv4/tcp_rmem} are one, and {@code net/ipv4/conf/eth0.100/mtu} is about the interface {@code eth0.100}.
 */
public final class Sysctl {
    public static final int LONGEST = 253;

    private static final String SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";

    /** What a name looks like, as upstream words it in its messages. */
    public static final String FORMAT = "^(" + SEGMENT + "[\\./])*" + SEGMENT + "$";

    private static final Pattern NAME = Pattern.compile(FORMAT);

    private Sysctl() {}

    public static boolean isName(String name) {
        return name.length() <= LONGEST && NAME.matcher(name).matches();
    }

    /** The name with dots between its parts; what was a dot within one becomes a slash. */
    public static String dotted(String name) {
        int dot = name.indexOf('.');
        int slash = name.indexOf('/');
        if (slash < 0 || dot >= 0 && dot < slash) {
            return name;
        }
        return name.replace('.', '\0').replace('/', '.').replace('\0', '/');
    }

    /** The namespace that has a value of its own; empty when it is not known that there is one. */
    public static Optional<Namespaces.Kind> namespace(String name) {
        String dotted = dotted(name);
        if (!isName(name)) {
            return Optional.empty();
        }
        if (dotted.startsWith("net.")) {
            return Optional.of(Namespaces.Kind.NET);
        }
        boolean ipc = dotted.equals("kernel.sem")
                || dotted.startsWith("kernel.shm")
                || dotted.startsWith("kernel.msg")
                || dotted.startsWith("fs.mqueue.");
        return ipc ? Optional.of(Namespaces.Kind.IPC) : Optional.empty();
    }

    /** Where the calling thread's namespaces show it. @param name of a {@link #isName valid} form */
    static Path file(String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException("no name of a sysctl: " + name);
        }
        Path file = Path.of("/proc/sys");
        for (String part : dotted(name).split("\\.")) {
            file = file.resolve(part.replace('/', '.'));
        }
        return file;
    }
}

package dev.coracle.machinery.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A pseudo-terminal: this side is the {@link #master}, a program gets {@link #path} as its terminal. */
public final class Terminal implements AutoCloseable {
    private static final int TIOCSPTLCK = 0x40045431;
    private static final long TIOCGPTN = 0x80045430L;
    private static final int TIOCSWINSZ = 0x5414;
    private static final int TIOCGWINSZ = 0x5413;

    private final Descriptor master;
    private final String path;

    private Terminal(Descriptor master, String path) {
        this.master = master;
        this.path = path;
    }

    /** What {@code posix_openpt}, {@code unlockpt} and {@code ptsname} do. */
    public static Terminal open() throws IOException {
        int number = Kernel.open("/dev/ptmx", Kernel.O_RDWR | Kernel.O_NOCTTY);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(4);
            Kernel.call("unlockpt", Call.IOCTL, number, TIOCSPTLCK, value.address());
            Kernel.call("ptsname", Call.IOCTL, number, TIOCGPTN, value.address());
            return new Terminal(new Descriptor(number), "/dev/pts/" + value.get(ValueLayout.JAVA_INT, 0));
        } catch (IOException e) {
            Kernel.close(number);
            throw e;
        }
    }

    /** The size of the terminal that descriptor 0, 1 or 2 of this process is. @return columns, rows; null: none is */
    public static int @org.jspecify.annotations.Nullable [] ownSize() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(8);
            for (int descriptor = 0; descriptor <= 2; descriptor++) {
                try {
                    Kernel.call("get window size", Call.IOCTL, descriptor, TIOCGWINSZ, size.address());
                    return new int[] {size.get(ValueLayout.JAVA_SHORT, 2), size.get(ValueLayout.JAVA_SHORT, 0)};
                } catch (ErrnoException e) {
                    // Not a terminal; the next may be.
                }
            }
            return null;
        }
    }

    public Descriptor master() {
        return master;
    }

    /** The device that the program opens: {@code /dev/pts/3}. */
    public String path() {
        return path;
    }

    /** Sets the window size; the programs on the terminal are told by SIGWINCH. */
    public void resize(int columns, int rows) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(8);
            size.set(ValueLayout.JAVA_SHORT, 0, (short) rows);
            size.set(ValueLayout.JAVA_SHORT, 2, (short) columns);
            Kernel.call("set window size", Call.IOCTL, master.number(), TIOCSWINSZ, size.address());
        }
    }

    @Override
    public void close() {
        master.close();
    }
}

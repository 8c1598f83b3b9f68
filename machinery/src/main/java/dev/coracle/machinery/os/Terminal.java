package dev.coracle.machinery.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;

/** A pseudo-terminal: this side is the {@link #master}, a program gets {@link #path} as its terminal. */
public final class Terminal implements AutoCloseable {
    private static final int TIOCSPTLCK = 0x40045431;
    private static final long TIOCGPTN = 0x80045430L;
    private static final int TIOCSWINSZ = 0x5414;
    private static final int TIOCGWINSZ = 0x5413;

    private final Descriptor master;
    private final String path;
    /** The program's side, held open from the beginning. */
    private final AtomicInteger held;

    private Terminal(Descriptor master, String path, int held) {
        this.master = master;
        this.path = path;
        this.held = new AtomicInteger(held);
    }

    /** What {@code posix_openpt}, {@code unlockpt} and {@code ptsname} do. */
    public static Terminal open() throws IOException {
        int number = Kernel.open("/dev/ptmx", Kernel.O_RDWR | Kernel.O_NOCTTY);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(4);
            Kernel.call("unlockpt", Call.IOCTL, number, TIOCSPTLCK, value.address());
            Kernel.call("ptsname", Call.IOCTL, number, TIOCGPTN, value.address());
            String path = "/dev/pts/" + value.get(ValueLayout.JAVA_INT, 0);
            return new Terminal(new Descriptor(number), path, Kernel.open(path, Kernel.O_RDWR | Kernel.O_NOCTTY));
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

    /**
     * To be called when the program has ended: its output ends when nobody holds its side of the terminal any more. Until
     * then this one does, since the kernel knows no end of a terminal that nobody has opened yet, and whoever reads from
     * one whose program was killed before it did so would wait for ever.
     */
    public void release() {
        int number = held.getAndSet(-1);
        if (number >= 0) {
            Kernel.close(number);
        }
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
        release();
        master.close();
    }
}

package dev.coracle.machinery.os;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The door to the kernel: {@code syscall(2)} with its result checked. */
final class Kernel {
    static final int AT_FDCWD = -100;
    static final int O_RDONLY = 0;
    static final int O_WRONLY = 1;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    static final int O_EXCL = 0x80;
    static final int O_NOCTTY = 0x100;
    static final int O_CLOEXEC = 0x80000;
    static final int O_PATH = 0x200000;

    /** One of the few flags whose number differs: arm64 and riscv64 keep 32-bit ARM's and the generic one. */
    static final int O_DIRECTORY = System.getProperty("os.arch").equals("aarch64") ? 0x4000 : 0x10000;

    private static final boolean AMD64 = System.getProperty("os.arch").equals("amd64");
    private static final MethodHandle SYSCALL = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG),
                    Linker.Option.captureCallState("errno"));
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private Kernel() {}

    /** @param what what was attempted, for the message: {@code "mount /a"} */
    static long call(String what, Call call, long a, long b, long c, long d, long e) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            long result;
            try {
                result = (long) SYSCALL.invokeExact(state, (long) call.number(AMD64), a, b, c, d, e);
            } catch (Throwable t) {
                throw new AssertionError("a system call throws nothing", t);
            }
            if (result == -1) {
                throw new ErrnoException(what, (int) ERRNO.get(state, 0L));
            }
            return result;
        }
    }

    static long call(String what, Call call, long a, long b, long c) throws ErrnoException {
        return call(what, call, a, b, c, 0, 0);
    }

    static int open(String path, int flags) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(path).address();
            return (int) call("open " + path, Call.OPENAT, AT_FDCWD, name, flags | O_CLOEXEC);
        }
    }

    static void close(int descriptor) {
        try {
            call("close", Call.CLOSE, descriptor, 0, 0);
        } catch (ErrnoException e) {
            // The descriptor is released whatever close answers.
        }
    }
}

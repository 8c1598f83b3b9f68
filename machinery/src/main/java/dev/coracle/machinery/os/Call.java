package dev.coracle.machinery.os;

/** System call numbers: x86-64 first, then the table that aarch64 and riscv64 share ({@code asm-generic/unistd.h}). */
enum Call {
    READ(0, 63),
    WRITE(1, 64),
    CLOSE(3, 57),
    IOCTL(16, 29),
    SOCKET(41, 198),
    CONNECT(42, 203),
    SHUTDOWN(48, 210),
    WAIT4(61, 260),
    KILL(62, 129),
    FCHMOD(91, 52),
    FCHOWN(93, 55),
    GETUID(102, 174),
    PRCTL(157, 167),
    MOUNT(165, 40),
    UMOUNT2(166, 39),
    SETHOSTNAME(170, 161),
    LSETXATTR(189, 6),
    GETDENTS64(217, 61),
    OPENAT(257, 56),
    MKDIRAT(258, 34),
    MKNODAT(259, 33),
    FCHOWNAT(260, 54),
    UNLINKAT(263, 35),
    SYMLINKAT(266, 36),
    READLINKAT(267, 78),
    FCHMODAT(268, 53),
    PPOLL(271, 73),
    UNSHARE(272, 97),
    DUP3(292, 24),
    SETNS(308, 268),
    RENAMEAT2(316, 276),
    PIDFD_OPEN(434, 434),
    OPENAT2(437, 437);

    private final int amd64;
    private final int generic;

    Call(int amd64, int generic) {
        this.amd64 = amd64;
        this.generic = generic;
    }

    int number(boolean onAmd64) {
        return onAmd64 ? amd64 : generic;
    }
}

package dev.coracle.runtime.oci.build;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A small Linux made of this machine's own files: a shell and the usual commands by a static busybox, and, where
 * programs need it, the GNU C library and its closest companions. Nothing is downloaded.
 */
public final class BaseImage {
    static final List<String> LIBRARIES = List.of(
            "libc.so.6",
            "libm.so.6",
            "libdl.so.2",
            "libpthread.so.0",
            "librt.so.1",
            "libresolv.so.2",
            "libutil.so.1",
            "libnss_files.so.2",
            "libnss_dns.so.2",
            "libgcc_s.so.1",
            "libstdc++.so.6",
            "libz.so.1");

    private BaseImage() {}

    /** {@code /bin} with busybox's commands, {@code /etc/passwd}, {@code /etc/group}, {@code /tmp}. */
    public static Layer busybox() throws IOException {
        Path busybox = program();
        Layer layer = new Layer()
                .copy(busybox, "/bin/busybox", 0755)
                .directory("/tmp", 01777, 0, 0)
                .directory("/root", 0700, 0, 0)
                .directory("/var/tmp", 01777, 0, 0)
                .directory("/run", 0755, 0, 0)
                .directory("/proc", 0555, 0, 0)
                .directory("/sys", 0555, 0, 0)
                .directory("/dev", 0755, 0, 0)
                .text("/etc/passwd", """
                        root:x:0:0:root:/root:/bin/sh
                        daemon:x:1:1:daemon:/usr/sbin:/bin/false
                        nobody:x:65534:65534:nobody:/:/bin/false
                        """)
                .text("/etc/group", """
                        root:x:0:
                        daemon:x:1:
                        tty:x:5:
                        nogroup:x:65534:
                        """)
                .text("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")
                .text("/etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost\n");
        for (String applet : output(busybox.toString(), "--list").lines().toList()) {
            if (!applet.equals("busybox") && !applet.isBlank()) {
                layer.symlink("/bin/" + applet, "busybox");
            }
        }
        layer.symlink("/usr/bin/env", "../../bin/busybox");
        return layer;
    }

    /** {@link #busybox} with the C and C++ libraries, zlib, the dynamic loader and, if there are any, CA certificates. */
    public static Layer glibc() throws IOException {
        Layer layer = busybox();
        String known = output("/sbin/ldconfig", "-p");
        for (String library : LIBRARIES) {
            Optional<Path> file = locate(known, library);
            if (file.isPresent()) {
                layer.copy(file.get().toRealPath(), "/usr/lib/" + library, 0755);
            }
        }
        boolean arm = System.getProperty("os.arch").equals("aarch64");
        String loader = arm ? "/lib/ld-linux-aarch64.so.1" : "/lib64/ld-linux-x86-64.so.2";
        layer.copy(Path.of(loader).toRealPath(), "/usr" + loader, 0755);
        layer.symlink("/lib", "usr/lib");
        if (!arm) {
            layer.symlink("/lib64", "usr/lib64");
        }
        // The loader's built-in directories are Debian's own; this one is searched everywhere.
        layer.symlink(arm ? "/usr/lib/aarch64-linux-gnu" : "/usr/lib/x86_64-linux-gnu", ".");
        Path certificates = Path.of("/etc/ssl/certs/ca-certificates.crt");
        if (Files.isReadable(certificates)) {
            layer.copy(certificates.toRealPath(), "/etc/ssl/certs/ca-certificates.crt", 0644);
        }
        return layer;
    }

    /** A line is {@code \tlibz.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libz.so.1}. */
    private static Optional<Path> locate(String known, String library) {
        return known.lines()
                .filter(l -> l.strip().startsWith(library + " (") && l.contains("64"))
                .map(l -> Path.of(l.substring(l.indexOf("=> ") + 3).strip()))
                .filter(Files::isReadable)
                .findFirst();
    }

    /** This machine's static busybox. */
    public static Path program() throws IOException {
        return staticBusybox()
                .orElseThrow(
                        () -> new IOException("images and shared process namespaces need a static busybox, which is"
                                + " not installed; run: apt-get install busybox-static"));
    }

    private static Optional<Path> staticBusybox() {
        return List.of("/bin/busybox", "/usr/bin/busybox", "/usr/local/bin/busybox").stream()
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    static String output(String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}

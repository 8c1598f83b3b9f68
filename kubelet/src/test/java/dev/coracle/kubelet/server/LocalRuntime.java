package dev.coracle.kubelet.server;

import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Containers that are only names: their commands run here, their ports are this machine's. */
final class LocalRuntime implements RuntimeService {
    final Map<String, ContainerStatus> containers = new ConcurrentHashMap<>();
    final List<ContainerListener> listeners = new CopyOnWriteArrayList<>();
    final List<LocalSession> sessions = new CopyOnWriteArrayList<>();

    /** A command as a process, with what was told to it. */
    static final class LocalSession implements ExecSession {
        final Process process;
        final boolean tty;
        final boolean stdin;
        final List<String> sizes = new CopyOnWriteArrayList<>();

        LocalSession(Process process, boolean tty, boolean stdin) {
            this.process = process;
            this.tty = tty;
            this.stdin = stdin;
        }

        @Override
        public OutputStream stdin() {
            return process.getOutputStream();
        }

        @Override
        public InputStream stdout() {
            return process.getInputStream();
        }

        @Override
        public InputStream stderr() {
            return process.getErrorStream();
        }

        @Override
        public void resize(int columns, int rows) {
            sizes.add(columns + "x" + rows);
        }

        @Override
        public int waitFor() throws InterruptedException {
            return process.waitFor();
        }

        @Override
        public void close() {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    void change(ContainerStatus status) {
        containers.put(status.id(), status);
        listeners.forEach(l -> l.onChange(status.sandboxId(), status.id(), status.state()));
    }

    @Override
    public Optional<ContainerStatus> containerStatus(String containerId) {
        return Optional.ofNullable(containers.get(containerId));
    }

    @Override
    public AutoCloseable containerEvents(ContainerListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public ExecSession exec(String containerId, List<String> command, boolean tty, boolean stdin) {
        if (command.getFirst().equals("no-such-program")) {
            throw new CriException("executable file not found in $PATH");
        }
        return start(command, tty, stdin);
    }

    @Override
    public ExecSession attach(String containerId, boolean stdin) {
        return start(List.of("cat"), false, stdin);
    }

    private LocalSession start(List<String> command, boolean tty, boolean stdin) {
        try {
            LocalSession session = new LocalSession(new ProcessBuilder(command).start(), tty, stdin);
            sessions.add(session);
            return session;
        } catch (IOException e) {
            throw new CriException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public Connection portForward(String sandboxId, int port) {
        Socket socket;
        try {
            socket = new Socket("127.0.0.1", port);
        } catch (IOException e) {
            throw new CriException("dial tcp4 127.0.0.1:" + port + ": connect: connection refused");
        }
        return new Connection() {
            @Override
            public InputStream in() {
                try {
                    return socket.getInputStream();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public OutputStream out() {
                return new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        write(new byte[] {(byte) b}, 0, 1);
                    }

                    @Override
                    public void write(byte[] b, int off, int len) throws IOException {
                        socket.getOutputStream().write(b, off, len);
                    }

                    @Override
                    public void close() throws IOException {
                        if (!socket.isClosed()) {
                            socket.shutdownOutput();
                        }
                    }
                };
            }

            @Override
            public void close() {
                try {
                    socket.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    private static UnsupportedOperationException unused() {
        return new UnsupportedOperationException("not a concern of the server");
    }

    @Override
    public String runPodSandbox(PodSandboxConfig config) {
        throw unused();
    }

    @Override
    public void stopPodSandbox(String sandboxId) {
        throw unused();
    }

    @Override
    public void removePodSandbox(String sandboxId) {
        throw unused();
    }

    @Override
    public Optional<PodSandbox> podSandboxStatus(String sandboxId) {
        throw unused();
    }

    @Override
    public List<PodSandbox> listPodSandbox() {
        throw unused();
    }

    @Override
    public String createContainer(String sandboxId, ContainerConfig config) {
        throw unused();
    }

    @Override
    public void startContainer(String containerId) {
        throw unused();
    }

    @Override
    public void stopContainer(String containerId, Duration timeout) {
        throw unused();
    }

    @Override
    public void updateContainerResources(String containerId, ContainerResources resources) {
        throw unused();
    }

    @Override
    public void removeContainer(String containerId) {
        throw unused();
    }

    @Override
    public List<ContainerStatus> listContainers() {
        return List.copyOf(containers.values());
    }

    @Override
    public ExecResult execSync(String containerId, List<String> command, Duration timeout) {
        throw unused();
    }

    @Override
    public ContainerStats containerStats(String containerId) {
        return new ContainerStats(1_500_000_000, 2048, 4096, 1);
    }
}

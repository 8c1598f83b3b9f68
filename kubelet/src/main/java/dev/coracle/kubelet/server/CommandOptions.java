package dev.coracle.kubelet.server;

import dev.coracle.kubelet.server.http.Exchange;
import dev.coracle.kubelet.server.http.Refusal;
import dev.coracle.kubelet.server.stream.CommandStreams.Wanted;
import java.util.List;

/**
 * The query of exec and attach. The kubelet's names are {@code input}, {@code output}, {@code error}; those of the
 * API server's {@code PodExecOptions}, {@code stdin}, {@code stdout}, {@code stderr}, mean the same.
 */
record CommandOptions(List<String> command, Wanted wanted) {
    static CommandOptions of(Exchange exchange) {
        boolean tty = flag(exchange, "tty");
        Wanted wanted = new Wanted(
                flag(exchange, "input") || flag(exchange, "stdin"),
                flag(exchange, "output") || flag(exchange, "stdout"),
                // A terminal has one output only.
                !tty && (flag(exchange, "error") || flag(exchange, "stderr")),
                tty);
        if (!wanted.stdin() && !wanted.stdout() && !wanted.stderr()) {
            throw new Refusal(400, "you must specify at least 1 of stdin, stdout, stderr");
        }
        return new CommandOptions(exchange.query("command"), wanted);
    }

    private static boolean flag(Exchange exchange, String name) {
        return exchange.firstQuery(name)
                .map(v -> v.equals("1") || v.equalsIgnoreCase("true"))
                .orElse(false);
    }
}

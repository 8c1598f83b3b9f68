package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rules for probes and lifecycle hooks. */
final class ProbeRules {
    private final Findings findings;

    ProbeRules(Findings findings) {
        this.findings = findings;
    }

    /** @param repeats whether it may ask for more than one success in a row */
    void probe(Unstructured p, String path, boolean repeats) {
        handler(p, path, List.of("exec", "httpGet", "tcpSocket", "grpc"));
        for (String field : List.of(
                "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")) {
            findings.notNegative(p, path, field);
        }
        if (p.has("terminationGracePeriodSeconds") && p.integer(0, "terminationGracePeriodSeconds") <= 0) {
            findings.invalid(
                    path + ".terminationGracePeriodSeconds",
                    p.integer(0, "terminationGracePeriodSeconds"),
                    "must be greater than 0");
        }
        if (!repeats && p.integer(1, "successThreshold") != 1) {
            findings.invalid(path + ".successThreshold", p.integer(1, "successThreshold"), "must be 1");
        }
    }

    void lifecycle(Unstructured l, String path) {
        for (String hook : List.of("postStart", "preStop")) {
            if (l.has(hook)) {
                handler(l.object(hook), path + "." + hook, List.of("exec", "httpGet", "tcpSocket", "sleep"));
            }
        }
    }

    private void handler(Unstructured h, String path, List<String> kinds) {
        List<String> given = kinds.stream().filter(k -> h.has(k)).toList();
        if (given.isEmpty()) {
            findings.required(path, "must specify a handler type");
        }
        given.stream()
                .skip(1)
                .forEach(k -> findings.forbidden(path + "." + k, "may not specify more than 1 handler type"));
        if (h.has("exec")) {
            findings.needed(h, path, "exec", "command");
        }
        if (h.has("httpGet")) {
            findings.needed(h, path, "httpGet", "path");
            port(h.get("httpGet", "port"), path + ".httpGet.port");
            findings.oneOf(h.object("httpGet"), path + ".httpGet", "scheme", "HTTP", "HTTPS");
        }
        if (h.has("tcpSocket")) {
            port(h.get("tcpSocket", "port"), path + ".tcpSocket.port");
        }
        if (h.has("grpc")) {
            port(h.integer(0, "grpc", "port"), path + ".grpc.port");
        }
    }

    /** A number, or the name of one of the container's ports. */
    private void port(@Nullable Object port, String path) {
        if (port instanceof String name) {
            findings.invalid(path, name, Names.portName(name));
        } else {
            long number = port instanceof Number n ? n.longValue() : 0;
            findings.invalid(path, number, Names.portNumber(number));
        }
    }
}

package dev.coracle.apiserver.http;

import dev.coracle.machinery.object.StatusException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * {@code /healthz}, {@code /livez} and {@code /readyz}, with {@code verbose}, {@code exclude} and a path for each check, as
 * upstream's {@code healthz} package has them. Why a check fails is told in the log alone.
 */
final class Health {
    private static final Set<String> NAMES = Set.of("healthz", "livez", "readyz");

    private final Map<String, BooleanSupplier> checks = new LinkedHashMap<>();
    /** Of those the ones that a start anew would not mend: they count for {@code /readyz} alone. */
    private final Set<String> readiness = Set.of("etcd-readiness");

    /**
     * @param store whether the store works
     * @param room whether it has room for what is written
     */
    Health(BooleanSupplier store, BooleanSupplier room) {
        checks.put("ping", () -> true);
        checks.put("etcd", store);
        checks.put("etcd-readiness", room);
    }

    /** Where it is asked, the single checks left out. */
    static Set<String> paths() {
        return NAMES.stream().map(n -> "/" + n).collect(Collectors.toSet());
    }

    boolean handles(Request request, Answer answer) {
        String[] path = request.path().replaceFirst("^/+", "").split("/");
        if (path.length == 0 || path.length > 2 || !NAMES.contains(path[0])) {
            return false;
        }
        if (path.length == 2) {
            one(path[0], path[1], answer);
        } else {
            all(path[0], request, answer);
        }
        return true;
    }

    private boolean counts(String name, String check) {
        return name.equals("readyz") || !readiness.contains(check);
    }

    private void one(String name, String check, Answer answer) {
        BooleanSupplier supplier = counts(name, check) ? checks.get(check) : null;
        if (supplier == null) {
            throw new StatusException(404, "NotFound", "the server could not find the requested resource");
        }
        boolean ok = supplier.getAsBoolean();
        text(answer, ok ? 200 : 500, ok ? "ok" : "internal server error: " + check + " failed: reason withheld\n");
    }

    private void all(String name, Request request, Answer answer) {
        List<String> excluded = request.query().getOrDefault("exclude", List.of());
        List<String> lines = new ArrayList<>();
        boolean ok = true;
        for (Map.Entry<String, BooleanSupplier> check : checks.entrySet()) {
            if (!counts(name, check.getKey())) {
                continue;
            }
            if (excluded.contains(check.getKey())) {
                lines.add("[+]" + check.getKey() + " excluded: ok");
            } else if (check.getValue().getAsBoolean()) {
                lines.add("[+]" + check.getKey() + " ok");
            } else {
                lines.add("[-]" + check.getKey() + " failed: reason withheld");
                ok = false;
            }
        }
        lines.add(name + " check " + (ok ? "passed" : "failed"));
        boolean verbose = request.query().containsKey("verbose");
        text(answer, ok ? 200 : 500, ok && !verbose ? "ok" : String.join("\n", lines) + "\n");
    }

    private static void text(Answer answer, int code, String text) {
        answer.send(code, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }
}

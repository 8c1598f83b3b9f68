package dev.coracle.cli.lab;

import dev.coracle.apiserver.admission.cel.Expressions;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.resource.ApiResource;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.cel.Budget;
import dev.coracle.machinery.object.StatusException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What checks see of a cluster. Everything is asked for once, so that all checks speak of the same moment. */
final class Sight {
    private static final Object NOTHING = new Object();

    private final Session session;
    private final Catalog catalog;
    private final String namespace;
    private final Map<String, Object> seen = new HashMap<>();
    private final Map<Check, Boolean> verdicts = new HashMap<>();
    private final Map<Check, Expressions.Program> programs;

    /** @param namespace where things are that do not say it */
    Sight(Session session, String namespace) {
        this(session, new Catalog(session), namespace, new HashMap<>());
    }

    private Sight(Session session, Catalog catalog, String namespace, Map<Check, Expressions.Program> programs) {
        this.session = session;
        this.catalog = catalog;
        this.namespace = namespace;
        this.programs = programs;
    }

    /** Of a later moment; what takes time to prepare is not prepared again. */
    Sight again() {
        return new Sight(session, catalog, namespace, programs);
    }

    boolean holds(Check check) {
        return verdicts.computeIfAbsent(check, this::evaluate);
    }

    private boolean evaluate(Check check) {
        Map<String, Object> variables = new LinkedHashMap<>();
        check.look().forEach((name, words) -> variables.put(name, Expressions.value(see(words))));
        try {
            return compile(check)
                    .evaluate(variables, new Budget(Budget.PER_OBJECT))
                    .equals(true);
        } catch (IllegalStateException absent) {
            // A field of something that is not there, or not yet.
            return false;
        }
    }

    /** @throws IllegalArgumentException with what is wrong with it; the tests have tried all that the labs have */
    static Expressions.Program compile(Check check) {
        try {
            return new Expressions(check.look().keySet()).bool(check.holds());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the check \"" + check.passed() + "\": " + e.getMessage(), e);
        }
    }

    private @Nullable Object see(String words) {
        Object found = seen.computeIfAbsent(words, w -> Objects.requireNonNullElse(ask(w), NOTHING));
        return found == NOTHING ? null : found;
    }

    private @Nullable Object ask(String words) {
        try {
            if (words.startsWith("/")) {
                byte[] answer = session.connection().exchange("GET", words, "*/*", "", new byte[0]);
                return new String(answer, StandardCharsets.UTF_8);
            }
            Flags.Line line = Flags.of("namespace,n", "selector,l").parse(List.of(words.split(" +")));
            String[] target = line.arguments().getFirst().split("/", 2);
            ApiResource resource = catalog.find(target[0]);
            String where = resource.scope(line.get("namespace", namespace));
            if (target.length == 2) {
                return session.client()
                        .get(resource.resource(), where, target[1])
                        .object()
                        .map();
            }
            return session
                    .client()
                    .list(resource.resource(), where, ListOptions.labels(line.get("selector")))
                    .items()
                    .stream()
                    .map(r -> r.object().map())
                    .toList();
        } catch (StatusException refused) {
            if (words.startsWith("/") || refused.isNotFound()) {
                return null;
            }
            throw refused;
        }
    }
}

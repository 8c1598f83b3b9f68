package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.cel.Expressions;
import java.util.AbstractMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A policy's variables as its expressions see them. Each is evaluated when it is first spoken of; one that fails is not
 * there, which matters only to whom speaks of it.
 */
final class Variables extends AbstractMap<String, Object> {
    private final Map<String, Expressions.Program> programs;
    private final Function<Expressions.Program, Object> evaluate;
    private final Map<String, Object> known = new LinkedHashMap<>();
    private final Map<String, String> broken = new LinkedHashMap<>();
    private final Set<String> asked = new LinkedHashSet<>();

    Variables(Map<String, Expressions.Program> programs, Function<Expressions.Program, Object> evaluate) {
        this.programs = programs;
        this.evaluate = evaluate;
    }

    /** Why those failed that did. */
    Map<String, String> broken() {
        return broken;
    }

    @Override
    public boolean containsKey(Object key) {
        return get(key) != null;
    }

    @Override
    public @Nullable Object get(Object key) {
        if (key instanceof String name && programs.containsKey(name) && asked.add(name)) {
            try {
                known.put(name, evaluate.apply(java.util.Objects.requireNonNull(programs.get(name))));
            } catch (IllegalStateException e) {
                broken.put(name, String.valueOf(e.getMessage()));
            }
        }
        return known.get(key);
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        programs.keySet().forEach(this::get);
        return known.entrySet();
    }
}

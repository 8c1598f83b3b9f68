package dev.coracle.apiserver.admission.cel;

import com.google.protobuf.NullValue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeBuilder;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compiles expressions over certain variables. What they are of shows only when they are evaluated. */
public final class Expressions {
    /** So long may loops take, all together: an expression is evaluated while somebody waits for his write. */
    private static final int MOST_ITERATIONS = 250_000;

    private static final CelOptions OPTIONS = CelOptions.current()
            .comprehensionMaxIterations(MOST_ITERATIONS)
            .enableHeterogeneousNumericComparisons(true)
            .build();

    private final CelCompiler compiler;
    private final CelRuntime runtime;

    /** Over variables of any type. */
    public Expressions(Collection<String> variables) {
        this(variables, false);
    }

    private Expressions(Collection<String> variables, boolean rights) {
        CelCompilerBuilder builder = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addLibraries(
                        CelExtensions.strings(),
                        CelExtensions.sets(OPTIONS),
                        CelExtensions.optional(),
                        CelExtensions.bindings());
        variables.forEach(v -> builder.addVar(v, SimpleType.DYN));
        CelRuntimeBuilder running = CelRuntimeFactory.standardCelRuntimeBuilder()
                .setOptions(OPTIONS)
                .addLibraries(CelExtensions.strings(), CelExtensions.sets(OPTIONS), CelExtensions.optional());
        if (rights) {
            Rights.VARIABLES.forEach(builder::addVar);
            builder.addFunctionDeclarations(Rights.declarations());
            running.addFunctionBindings(Rights.bindings());
        }
        this.compiler = builder.build();
        this.runtime = running.build();
    }

    /** As {@link #Expressions(Collection)}, with the {@link Rights} of who asks. */
    public static Expressions withRights(Collection<String> variables) {
        return new Expressions(variables, true);
    }

    /** An expression that is ready to be evaluated, as often and by as many as like. */
    public interface Program {
        /**
         * @param variables trees, and {@code null} for what there is not
         * @throws IllegalStateException when it cannot be evaluated for these, with the reason
         */
        Object evaluate(Map<String, ?> variables);
    }

    /** @throws IllegalArgumentException with what is wrong with the text, for its author */
    public Program bool(String text) {
        return compile(text, SimpleType.BOOL);
    }

    /** @throws IllegalArgumentException with what is wrong with the text, for its author */
    public Program string(String text) {
        return compile(text, SimpleType.STRING);
    }

    /** @throws IllegalArgumentException with what is wrong with the text, for its author */
    public Program any(String text) {
        return compile(text, SimpleType.DYN);
    }

    private Program compile(String text, CelType wanted) {
        try {
            var checked = compiler.compile(text).getAst();
            CelType result = checked.getResultType();
            if (!wanted.equals(SimpleType.DYN) && !result.equals(wanted) && !result.equals(SimpleType.DYN)) {
                throw new IllegalArgumentException("must evaluate to " + wanted.name());
            }
            CelRuntime.Program program = runtime.createProgram(checked);
            return variables -> evaluate(program, text, variables, wanted);
        } catch (CelValidationException e) {
            throw new IllegalArgumentException("compilation failed: " + e.getMessage(), e);
        } catch (CelEvaluationException e) {
            throw new IllegalArgumentException("program instantiation failed: " + e.getMessage(), e);
        }
    }

    private static Object evaluate(CelRuntime.Program program, String text, Map<String, ?> variables, CelType wanted) {
        Map<String, Object> values = new LinkedHashMap<>();
        variables.forEach((name, value) -> values.put(name, value(value)));
        try {
            Object result = program.eval(values);
            if (wanted.equals(SimpleType.BOOL) && !(result instanceof Boolean)
                    || wanted.equals(SimpleType.STRING) && !(result instanceof String)) {
                throw new IllegalStateException(
                        "expression '" + text + "' resulted in error: must evaluate to " + wanted.name());
            }
            return result;
        } catch (CelEvaluationException e) {
            throw new IllegalStateException("expression '" + text + "' resulted in error: " + e.getMessage(), e);
        }
    }

    /** A tree in the types that the language knows. */
    private static Object value(@Nullable Object tree) {
        return switch (tree) {
            case null -> NullValue.NULL_VALUE;
            case Map<?, ?> map -> {
                Map<Object, Object> copy = new LinkedHashMap<>();
                map.forEach((k, v) -> copy.put(k, value(v)));
                yield copy;
            }
            case List<?> list -> {
                List<Object> copy = new ArrayList<>(list.size());
                list.forEach(v -> copy.add(value(v)));
                yield copy;
            }
            case Long n -> n;
            case Integer n -> n.longValue();
            case Number n -> n.doubleValue();
            default -> tree;
        };
    }
}

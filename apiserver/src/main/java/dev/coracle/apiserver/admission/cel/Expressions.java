package dev.coracle.apiserver.admission.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypes;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.NullValue;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeBuilder;
import dev.coracle.apiserver.cel.Budget;
import dev.coracle.apiserver.cel.Language;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compiles expressions over certain variables. What they are of shows only when they are evaluated: their types are
 * those of the objects that come.
 */
public final class Expressions {
    /** What an object's field or a variable is shows only when there is one. */
    private static final Map<CelType, Class<?>> CHECKED_LATER =
            Map.of(SimpleType.BOOL, Boolean.class, SimpleType.STRING, String.class);

    private final CelCompiler compiler;
    private final CelRuntime runtime;

    /** Over variables of any type. */
    public Expressions(Collection<String> variables) {
        this(Language.compiler(), Language.runtimeBuilder(), variables);
    }

    /** As {@link #withRights}, for what makes {@code Object}s and {@code JSONPatch}es. */
    public static Expressions ofMutations(Collection<String> variables) {
        CelCompilerBuilder compiler = Language.compiler();
        Rights.VARIABLES.forEach(compiler::addVar);
        return new Expressions(
                compiler.addFunctionDeclarations(Rights.declarations())
                        .addFunctionDeclarations(MutationTypes.declarations()),
                Language.runtimeForTypes()
                        .addFunctionBindings(Rights.bindings())
                        .addFunctionBindings(MutationTypes.bindings())
                        .setValueProvider(MutationTypes.VALUES),
                variables);
    }

    private Expressions(CelCompilerBuilder compiler, CelRuntimeBuilder runtime, Collection<String> variables) {
        variables.forEach(v -> compiler.addVar(v, SimpleType.DYN));
        this.compiler = compiler.build();
        this.runtime = runtime.build();
    }

    /** As {@link #Expressions(Collection)}, with the {@link Rights} of who asks. */
    public static Expressions withRights(Collection<String> variables) {
        CelCompilerBuilder compiler = Language.compiler();
        Rights.VARIABLES.forEach(compiler::addVar);
        return new Expressions(
                compiler.addFunctionDeclarations(Rights.declarations()),
                Language.runtimeBuilder().addFunctionBindings(Rights.bindings()),
                variables);
    }

    /** An expression that is ready to be evaluated, as often and by as many as like. */
    public interface Program {
        /**
         * @param variables as {@link #value} makes them
         * @param budget what it costs is taken from this
         * @throws IllegalStateException when it cannot be evaluated for these, with the reason
         * @throws Exhausted when too little is left of the budget
         */
        Object evaluate(Map<String, ?> variables, Budget budget);
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

    /**
     * Of what makes an {@code Object} with the fields to be set.
     *
     * @throws IllegalArgumentException with what is wrong with the text, for its author
     */
    public Program object(String text) {
        return mutation(text, MutationTypes.OBJECT);
    }

    /**
     * Of what makes a list of {@code JSONPatch}es.
     *
     * @throws IllegalArgumentException with what is wrong with the text, for its author
     */
    public Program patches(String text) {
        return mutation(text, MutationTypes.PATCHES);
    }

    private Program mutation(String text, CelType wanted) {
        CelCompiler typed = compiler.toCompilerBuilder()
                .setTypeProvider(MutationTypes.of(compiler.parse(text)))
                .build();
        return compile(typed, text, wanted);
    }

    private Program compile(String text, CelType wanted) {
        return compile(compiler, text, wanted);
    }

    private Program compile(CelCompiler compiler, String text, CelType wanted) {
        try {
            CelValidationResult read = compiler.compile(text);
            if (read.hasError()) {
                throw new IllegalArgumentException("compilation failed: " + Language.told(read.getErrors(), text));
            }
            CelAbstractSyntaxTree checked = read.getAst();
            CelType made = checked.getResultType();
            boolean later = made.equals(SimpleType.DYN) && CHECKED_LATER.containsKey(wanted);
            if (!wanted.equals(SimpleType.DYN)
                    && !later
                    && !CelTypes.format(made).equals(CelTypes.format(wanted))) {
                throw new IllegalArgumentException("must evaluate to " + CelTypes.format(wanted));
            }
            Map<Long, CelExpr.CelCall> before = Budget.before(
                    CelNavigableAst.fromAst(checked).getRoot().allNodes().map(CelNavigableExpr::expr));
            CelRuntime.Program program = runtime.createProgram(checked);
            return (variables, budget) -> evaluate(program, text, variables, wanted, budget, budget.call(before));
        } catch (CelValidationException | StackOverflowError e) {
            throw new IllegalArgumentException("compilation failed: " + e.getMessage(), e);
        } catch (CelEvaluationException e) {
            throw new IllegalArgumentException("program instantiation failed: " + e.getMessage(), e);
        }
    }

    private static Object evaluate(
            CelRuntime.Program program,
            String text,
            Map<String, ?> variables,
            CelType wanted,
            Budget budget,
            Budget.Call call) {
        if (budget.isSpent()) {
            throw new Exhausted();
        }
        try {
            Object made = program.trace(variables, call);
            if (!CHECKED_LATER.getOrDefault(wanted, Object.class).isInstance(made)) {
                throw failed(text, "must evaluate to " + CelTypes.format(wanted));
            }
            return made;
        } catch (CelEvaluationException e) {
            throw failed(text, Language.why(e));
        } catch (Budget.Spent | StackOverflowError e) {
            if (e instanceof Budget.Spent && !call.isTooMuch()) {
                throw new Exhausted();
            }
            throw failed(text, "operation cancelled: actual cost limit exceeded");
        }
    }

    private static IllegalStateException failed(String text, String why) {
        return new IllegalStateException("expression '" + text + "' resulted in error: " + why);
    }

    /** That nothing is left to evaluate anything with. */
    // An error, since expressions go on after exceptions.
    public static final class Exhausted extends Error {
        private static final long serialVersionUID = 1;

        Exhausted() {
            super(
                    "validation failed due to running out of cost budget, no further validation rules will be run",
                    null,
                    false,
                    false);
        }
    }

    /** A tree in the types that the language knows. */
    public static Object value(@Nullable Object tree) {
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

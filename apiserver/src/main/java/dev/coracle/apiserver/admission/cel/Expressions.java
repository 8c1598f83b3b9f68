package dev.coracle.apiserver.admission.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.CelTypes;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.NullValue;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeBuilder;
import dev.coracle.machinery.cel.Budget;
import dev.coracle.machinery.cel.Language;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compiles expressions over certain variables. Of what type a request and a namespace are is known beforehand; what an
 * object is shows only when one comes, unless it is read to be {@link #checking}.
 */
public final class Expressions {
    private static final CelTypeProvider NO_OTHERS = new DeclaredTypes.None();

    /** Without {@code variables}. */
    private final CelCompiler base;

    private final CelCompiler compiler;
    private final CelRuntime runtime;
    private final boolean mutates;
    /** The types of {@code variables}; null where nothing can be said of them. */
    private final @Nullable Map<String, CelType> variables;

    private final CelTypeProvider others;
    private final CelTypeProvider types;

    /** Over variables of these names. */
    public Expressions(Collection<String> names) {
        this(Language.compiler(), Language.runtimeBuilder(), false, types(names));
    }

    /** As {@link #Expressions(Collection)}, with the {@link Rights} of who asks. */
    public static Expressions withRights(Collection<String> names) {
        return new Expressions(
                rights(), Language.runtimeBuilder().addFunctionBindings(Rights.bindings()), false, types(names));
    }

    /** As {@link #withRights}, for what makes {@code Object}s and {@code JSONPatch}es. */
    public static Expressions ofMutations(Collection<String> names) {
        return new Expressions(
                rights().addFunctionDeclarations(MutationTypes.declarations()),
                Language.runtimeForTypes()
                        .addFunctionBindings(Rights.bindings())
                        .addFunctionBindings(MutationTypes.bindings())
                        .setValueProvider(MutationTypes.VALUES),
                true,
                types(names));
    }

    /**
     * For {@link #issues} alone, where it is known what the objects are.
     *
     * @param objects the types of the variables that are objects
     * @param types to which those refer
     */
    public static Expressions checking(Map<String, CelType> objects, CelTypeProvider types) {
        CelCompilerBuilder compiler = rights();
        Map<String, CelType> known = types(List.of("request", "namespaceObject"));
        known.putAll(objects);
        known.forEach(compiler::addVar);
        return new Expressions(compiler.build(), Language.runtime(), false, Map.of(), types);
    }

    private Expressions(
            CelCompilerBuilder compiler, CelRuntimeBuilder runtime, boolean mutates, Map<String, CelType> known) {
        known.forEach(compiler::addVar);
        this(compiler.build(), runtime.build(), mutates, null, NO_OTHERS);
    }

    private Expressions(
            CelCompiler compiler,
            CelRuntime runtime,
            boolean mutates,
            @Nullable Map<String, CelType> variables,
            CelTypeProvider others) {
        this.base = compiler;
        this.runtime = runtime;
        this.mutates = mutates;
        this.variables = variables;
        this.others = others;
        DeclaredTypes declared = new DeclaredTypes(variables == null ? Map.of() : variables, others);
        this.types = declared;
        CelCompilerBuilder builder = compiler.toCompilerBuilder().setTypeProvider(declared);
        if (variables != null) {
            builder.addVar("variables", declared.variables());
        }
        this.compiler = builder.build();
    }

    private static CelCompilerBuilder rights() {
        CelCompilerBuilder compiler = Language.compiler();
        Rights.VARIABLES.forEach(compiler::addVar);
        return compiler.addFunctionDeclarations(Rights.declarations());
    }

    private static Map<String, CelType> types(Collection<String> names) {
        Map<String, CelType> types = new LinkedHashMap<>();
        for (String name : names) {
            types.put(
                    name,
                    switch (name) {
                        case "request" -> DeclaredTypes.REQUEST;
                        case "namespaceObject" -> DeclaredTypes.NAMESPACE;
                        default -> SimpleType.DYN;
                    });
        }
        return types;
    }

    /** The same with {@code variables}, of which there is none yet: {@link #and} adds them. */
    public Expressions withVariables() {
        return new Expressions(base, runtime, mutates, Map.of(), others);
    }

    /** The same with one more of {@code variables}, of the type of this expression; of any if that is none. */
    public Expressions and(String name, String text) {
        CelType made = SimpleType.DYN;
        try {
            CelValidationResult read = read(text);
            if (!read.hasError()) {
                made = DeclaredTypes.ofVariable(read.getAst().getResultType());
            }
        } catch (CelValidationException | RuntimeException | StackOverflowError e) {
            made = SimpleType.DYN;
        }
        return with(name, made);
    }

    private Expressions with(String name, CelType type) {
        Map<String, CelType> all = new LinkedHashMap<>(variables == null ? Map.of() : variables);
        all.put(name, type);
        return new Expressions(base, runtime, mutates, all, others);
    }

    /** The same with the {@code variables} that others have. */
    public Expressions withVariablesOf(Expressions others) {
        return new Expressions(base, runtime, mutates, others.variables, this.others);
    }

    /** What is wrong with the text, each with its place; empty for nothing. */
    public String issues(String text) {
        try {
            CelValidationResult read = read(text);
            return read.hasError() ? Language.told(read.getErrors(), text) : "";
        } catch (RuntimeException | StackOverflowError e) {
            return String.valueOf(e.getMessage());
        }
    }

    private CelValidationResult read(String text) {
        return mutates
                ? compiler.toCompilerBuilder()
                        .setTypeProvider(MutationTypes.of(compiler.parse(text), types))
                        .build()
                        .compile(text)
                : compiler.compile(text);
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
        return compile(text);
    }

    /**
     * Of what makes a text, or nothing.
     *
     * @throws IllegalArgumentException with what is wrong with the text, for its author
     */
    public Program stringOrNull(String text) {
        return compile(text, SimpleType.STRING, SimpleType.NULL_TYPE);
    }

    /**
     * Of what makes an {@code Object} with the fields to be set.
     *
     * @throws IllegalArgumentException with what is wrong with the text, for its author
     */
    public Program object(String text) {
        return compile(text, MutationTypes.OBJECT);
    }

    /**
     * Of what makes a list of {@code JSONPatch}es.
     *
     * @throws IllegalArgumentException with what is wrong with the text, for its author
     */
    public Program patches(String text) {
        return compile(text, MutationTypes.PATCHES);
    }

    private Program compile(String text, CelType... wanted) {
        try {
            CelValidationResult read = read(text);
            if (read.hasError()) {
                throw new IllegalArgumentException("compilation failed: " + Language.told(read.getErrors(), text));
            }
            CelAbstractSyntaxTree checked = read.getAst();
            String made = named(checked.getResultType());
            List<String> names = Stream.of(wanted).map(Expressions::named).toList();
            if (!names.isEmpty() && !names.contains(made)) {
                throw new IllegalArgumentException("must evaluate to "
                        + (names.size() == 1 ? names.getFirst() : "one of [" + String.join(" ", names) + "]")
                        + " but got " + made);
            }
            Map<Long, CelExpr.CelCall> before = Budget.before(
                    CelNavigableAst.fromAst(checked).getRoot().allNodes().map(CelNavigableExpr::expr));
            CelRuntime.Program program = runtime.createProgram(checked);
            return (variables, budget) -> evaluate(program, text, variables, budget, budget.call(before));
        } catch (CelValidationException | StackOverflowError e) {
            throw new IllegalArgumentException("compilation failed: " + e.getMessage(), e);
        } catch (CelEvaluationException e) {
            throw new IllegalArgumentException("program instantiation failed: " + e.getMessage(), e);
        }
    }

    /** As cel-go names it. */
    private static String named(CelType type) {
        return type.equals(SimpleType.NULL_TYPE) ? "null_type" : CelTypes.format(type);
    }

    private static Object evaluate(
            CelRuntime.Program program, String text, Map<String, ?> variables, Budget budget, Budget.Call call) {
        if (budget.isSpent()) {
            throw new Exhausted();
        }
        try {
            return program.trace(variables, call);
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

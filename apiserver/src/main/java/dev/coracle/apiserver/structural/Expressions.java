package dev.coracle.apiserver.structural;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads expressions as upstream's CEL environment does, with the functions that Kubernetes adds. */
final class Expressions {
    /**
     * An expression that can be evaluated, or why not.
     *
     * @param usesOld whether it says {@code oldSelf}
     * @param tree what it consists of, if it could be read
     * @param before what its calls cost, see {@link Budget}
     */
    record Compiled(
            CelRuntime.@Nullable Program program,
            String error,
            boolean usesOld,
            @Nullable CelExpr tree,
            Map<Long, CelExpr.CelCall> before) {
        /**
         * @param values of the variables
         * @throws CelEvaluationException when it cannot be evaluated to the end
         * @throws Budget.Spent when that would take too long
         */
        Object evaluate(Map<String, ?> values, Budget.Call call) throws CelEvaluationException {
            if (program == null) {
                throw new IllegalStateException(error);
            }
            return program.trace(values, call);
        }
    }

    /** What all expressions have in common; making it takes longer than anything that is done with it. */
    private static final class Environment {
        static final CelOptions OPTIONS = CelOptions.current()
                .enableHeterogeneousNumericComparisons(true)
                .maxParseRecursionDepth(200)
                .maxExpressionCodePointSize(100_000)
                .maxParseExpressionNodeCount(20_000)
                .comprehensionMaxIterations(Budget.PER_CALL)
                .maxRegexProgramSize(10_000)
                .build();
        static final CelCompiler COMPILER;
        static final CelRuntime RUNTIME;

        static {
            Functions functions = new Functions();
            ListFunctions.addTo(functions);
            NetFunctions.addTo(functions);
            QuantityFunctions.addTo(functions);
            SemverFunctions.addTo(functions);
            COMPILER = CelCompilerFactory.standardCelCompilerBuilder()
                    .setOptions(OPTIONS)
                    .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                    .addLibraries(
                            CelExtensions.strings(),
                            CelExtensions.sets(OPTIONS),
                            CelExtensions.optional(),
                            CelExtensions.comprehensions())
                    .addFunctionDeclarations(functions.declarations())
                    .build();
            RUNTIME = CelRuntimeFactory.standardCelRuntimeBuilder()
                    .setOptions(OPTIONS)
                    .addLibraries(
                            CelExtensions.strings(),
                            CelExtensions.sets(OPTIONS),
                            CelExtensions.optional(),
                            CelExtensions.comprehensions())
                    .addFunctionBindings(functions.bindings())
                    .build();
        }
    }

    private final RuleTypes types;

    Expressions(RuleTypes types) {
        this.types = types;
    }

    /**
     * @param self what {@code self} is
     * @param optionalOld whether {@code oldSelf} may be absent
     * @param result what it must evaluate to
     */
    Compiled compile(String expression, CelType self, boolean optionalOld, CelType result) {
        CelCompilerBuilder builder = Environment.COMPILER.toCompilerBuilder();
        CelCompiler compiler = builder.setTypeProvider(types)
                .addVar("self", self)
                .addVar("oldSelf", optionalOld ? OptionalType.create(self) : self)
                .build();
        CelValidationResult read;
        CelAbstractSyntaxTree ast;
        try {
            read = compiler.compile(expression);
            if (read.hasError()) {
                return wrong("compilation failed: " + told(read.getErrors(), expression));
            }
            ast = read.getAst();
        } catch (CelValidationException | RuntimeException | StackOverflowError e) {
            return wrong("compilation failed: " + e.getMessage());
        }
        CelType is = ast.getResultType();
        if (!is.equals(result) && !is.equals(SimpleType.DYN)) {
            return wrong(result.equals(SimpleType.BOOL) ? "must evaluate to a bool" : "must evaluate to a string");
        }
        List<CelExpr> parts = CelNavigableAst.fromAst(ast)
                .getRoot()
                .allNodes()
                .map(CelNavigableExpr::expr)
                .toList();
        boolean usesOld = parts.stream()
                .anyMatch(e -> e.getKind() == CelExpr.ExprKind.Kind.IDENT
                        && e.ident().name().equals("oldSelf"));
        try {
            return new Compiled(
                    Environment.RUNTIME.createProgram(ast), "", usesOld, ast.getExpr(), Budget.before(parts.stream()));
        } catch (CelEvaluationException e) {
            return wrong("compilation failed: " + e.getMessage());
        }
    }

    private static Compiled wrong(String why) {
        return new Compiled(null, why, false, null, Map.of());
    }

    /** {@code ERROR: <input>:1:6: undefined field 'x'}, each with the line it is on and a mark below. */
    private static String told(List<CelIssue> issues, String expression) {
        String[] lines = expression.split("\n", -1);
        return issues.stream()
                .map(i -> {
                    int line = i.getSourceLocation().getLine();
                    int column = Math.max(0, i.getSourceLocation().getColumn());
                    String text = line >= 1 && line <= lines.length ? lines[line - 1] : "";
                    return "ERROR: <input>:" + line + ":" + (column + 1) + ": " + i.getMessage() + "\n | " + text
                            + "\n | " + ".".repeat(Math.min(column, text.length())) + "^";
                })
                .collect(Collectors.joining("\n"));
    }

    /** Why an evaluation failed, as cel-go says it. */
    static String why(CelEvaluationException e) {
        List<String> texts = new ArrayList<>();
        for (Throwable t = e; t != null; t = t.getCause()) {
            texts.add(String.valueOf(t.getMessage()));
        }
        String last = texts.size() > 1 ? texts.get(1) : texts.getFirst().replaceFirst("^evaluation error.*?: ", "");
        if (last.contains("by zero")) {
            return last.contains("modul") ? "modulus by zero" : "division by zero";
        }
        if (last.startsWith("Index out of bounds")) {
            return last.replace("Index", "index");
        }
        if (last.contains("No matching overload") || last.contains("no matching overload")) {
            return "no such overload";
        }
        return last.replaceFirst("^key '(.*)' is not present in map\\.?$", "no such key: $1");
    }
}

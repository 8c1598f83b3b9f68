package dev.coracle.machinery.cel;

import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeBuilder;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.RuntimeEquality;
import dev.cel.runtime.RuntimeHelpers;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Upstream's base environment ({@code k8s.io/apiserver/pkg/cel/environment}); its users add variables and types. */
public final class Language {
    private static final CelOptions OPTIONS = CelOptions.current()
            .enableHeterogeneousNumericComparisons(true)
            .maxParseRecursionDepth(200)
            .maxExpressionCodePointSize(100_000)
            .maxParseExpressionNodeCount(20_000)
            .comprehensionMaxIterations(Budget.PER_CALL)
            .maxRegexProgramSize(10_000)
            .build();
    private static final CelCompiler COMPILER;
    private static final CelRuntime RUNTIME;
    private static final List<CelFunctionBinding> BINDINGS;

    static {
        Functions functions = new Functions();
        ListFunctions.addTo(functions);
        NetFunctions.addTo(functions);
        QuantityFunctions.addTo(functions);
        SemverFunctions.addTo(functions);
        ImageFunctions.addTo(functions);
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
        BINDINGS = functions.bindings();
        RUNTIME = with(CelRuntimeFactory.standardCelRuntimeBuilder()).build();
    }

    private Language() {}

    /** To which variables, types and functions are added. */
    public static CelCompilerBuilder compiler() {
        return COMPILER.toCompilerBuilder();
    }

    /** For expressions without functions of their own. */
    public static CelRuntime runtime() {
        return RUNTIME;
    }

    /** To which functions and types are added. */
    public static CelRuntimeBuilder runtimeBuilder() {
        return RUNTIME.toRuntimeBuilder();
    }

    /** To which functions and types of values are added; the other one knows only values of its own types. */
    public static CelRuntimeBuilder runtimeForTypes() {
        return with(CelRuntimeFactory.plannerRuntimeBuilder());
    }

    /** When two values are the same: {@code 1} and {@code 1u} are. */
    static RuntimeEquality equality() {
        return RuntimeEquality.create(RuntimeHelpers.create(), OPTIONS);
    }

    private static CelRuntimeBuilder with(CelRuntimeBuilder builder) {
        return builder.setOptions(OPTIONS)
                .addLibraries(
                        CelExtensions.strings(),
                        CelExtensions.sets(OPTIONS),
                        CelExtensions.optional(),
                        CelExtensions.comprehensions())
                .addFunctionBindings(BINDINGS);
    }

    /** {@code ERROR: <input>:1:6: undefined field 'x'}, each with the line it is on and a mark below. */
    public static String told(List<CelIssue> issues, String expression) {
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
    public static String why(CelEvaluationException e) {
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

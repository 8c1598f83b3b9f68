package dev.coracle.apiserver.structural;

import dev.cel.common.CelAbstractSyntaxTree;
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
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.coracle.machinery.cel.Budget;
import dev.coracle.machinery.cel.Language;
import java.util.List;
import java.util.Map;
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
        CelCompilerBuilder builder = Language.compiler();
        CelCompiler compiler = builder.setTypeProvider(types)
                .addVar("self", self)
                .addVar("oldSelf", optionalOld ? OptionalType.create(self) : self)
                .build();
        CelValidationResult read;
        CelAbstractSyntaxTree ast;
        try {
            read = compiler.compile(expression);
            if (read.hasError()) {
                return wrong("compilation failed: " + Language.told(read.getErrors(), expression));
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
                    Language.runtime().createProgram(ast), "", usesOld, ast.getExpr(), Budget.before(parts.stream()));
        } catch (CelEvaluationException e) {
            return wrong("compilation failed: " + e.getMessage());
        }
    }

    private static Compiled wrong(String why) {
        return new Compiled(null, why, false, null, Map.of());
    }
}

package dev.coracle.apiserver.builtin.resource;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.compiler.CelCompiler;
import dev.cel.extensions.CelExtensions;
import dev.coracle.apiserver.cel.Language;
import dev.coracle.apiserver.definition.Findings;
import java.util.Optional;

/**
 * Reads expressions that choose devices. They see one, as {@code device}: its driver, and its attributes and capacities by
 * domain and name, {@code device.attributes["gpu.example.com"].model == "a100"}. What an attribute is shows only when the
 * expression is evaluated.
 */
final class DeviceExpressions {
    private static final CelType DEVICE = device();
    private static final CelCompiler COMPILER = Language.compiler()
            .addLibraries(CelExtensions.bindings())
            .setTypeProvider(new CelTypeProvider() {
                @Override
                public ImmutableCollection<CelType> types() {
                    return ImmutableList.of(DEVICE);
                }

                @Override
                public Optional<CelType> findType(String name) {
                    return name.equals(DEVICE.name()) ? Optional.of(DEVICE) : Optional.empty();
                }
            })
            .addVar("device", DEVICE)
            .build();

    private DeviceExpressions() {}

    private static CelType device() {
        ImmutableMap<String, CelType> fields = ImmutableMap.of(
                "driver",
                SimpleType.STRING,
                "attributes",
                domains(SimpleType.DYN),
                "capacity",
                domains(OpaqueType.create("kubernetes.Quantity")),
                "allowMultipleAllocations",
                SimpleType.BOOL);
        return StructType.create(
                "kubernetes.DRADevice", fields.keySet(), name -> Optional.ofNullable(fields.get(name)));
    }

    private static CelType domains(CelType value) {
        return MapType.create(SimpleType.STRING, MapType.create(SimpleType.STRING, value));
    }

    /** Whether it can be read and says yes or no, and not at too great a cost. */
    static void check(Findings findings, String expression, String path) {
        try {
            CelValidationResult read = COMPILER.compile(expression);
            if (read.hasError()) {
                String told = Language.told(read.getErrors(), expression);
                findings.invalid(path, expression, "compilation failed: " + told);
                return;
            }
            CelAbstractSyntaxTree tree = read.getAst();
            CelType is = tree.getResultType();
            if (!is.equals(SimpleType.BOOL) && !is.equals(SimpleType.DYN)) {
                findings.invalid(path, expression, "must evaluate to bool or the unknown type, not " + is.name());
            } else if (DeviceCost.isTooMuch(tree.getExpr())) {
                findings.forbidden(path, "too complex, exceeds cost limit");
            }
        } catch (CelValidationException | RuntimeException | StackOverflowError e) {
            findings.invalid(path, expression, "compilation failed: " + e.getMessage());
        }
    }
}

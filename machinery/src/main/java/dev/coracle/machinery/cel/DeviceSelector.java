package dev.coracle.machinery.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.compiler.CelCompiler;
import dev.cel.extensions.CelExtensions;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.RuntimeEquality;
import dev.cel.runtime.standard.InOperator;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An expression that chooses devices. It sees one, as {@code device}: its driver, and its attributes and capacities by
 * domain and name, {@code device.attributes["gpu.example.com"].model == "a100"}. What an attribute is shows only when the
 * expression is evaluated. A domain of which the device says nothing is an empty one, and no error.
 */
public final class DeviceSelector {
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

    private static final RuntimeEquality EQUALITY = Language.equality();
    private static final CelRuntime RUNTIME = Language.runtimeBuilder()
            .setStandardEnvironmentEnabled(false)
            .setStandardFunctions(CelStandardFunctions.newBuilder()
                    .filterFunctions((function, overload) -> overload != InOperator.InOverload.IN_MAP)
                    .build())
            .addFunctionBindings(CelFunctionBinding.from("in_map", Object.class, Map.class, DeviceSelector::isIn))
            .build();

    /** A domain can be asked for that is not there; and whether it is there. */
    private static boolean isIn(Object key, Map<?, ?> map) {
        return map instanceof Domains d
                ? d.containsKey(key)
                : EQUALITY.findInMap(map, key).isPresent();
    }

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

    /**
     * An expression as it was read.
     *
     * @param tree null when it cannot be used
     * @param error why not
     */
    public record Read(@Nullable CelAbstractSyntaxTree tree, String error) {
        private static Read wrong(String error) {
            return new Read(null, error);
        }
    }

    private final CelRuntime.Program program;
    private final Map<Long, CelExpr.CelCall> before;

    private DeviceSelector(CelAbstractSyntaxTree tree) throws CelEvaluationException {
        this.program = RUNTIME.createProgram(tree);
        this.before =
                Budget.before(CelNavigableAst.fromAst(tree).getRoot().allNodes().map(CelNavigableExpr::expr));
    }

    /** Whether it can be read and says yes or no. */
    public static Read read(String expression) {
        try {
            CelValidationResult read = COMPILER.compile(expression);
            if (read.hasError()) {
                return Read.wrong("compilation failed: " + Language.told(read.getErrors(), expression));
            }
            CelAbstractSyntaxTree tree = read.getAst();
            CelType is = tree.getResultType();
            return is.equals(SimpleType.BOOL) || is.equals(SimpleType.DYN)
                    ? new Read(tree, "")
                    : Read.wrong("must evaluate to bool or the unknown type, not " + is.name());
        } catch (CelValidationException | RuntimeException | StackOverflowError e) {
            return Read.wrong("compilation failed: " + e.getMessage());
        }
    }

    /** @throws IllegalArgumentException when it cannot be read, with why */
    public static DeviceSelector of(String expression) {
        Read read = read(expression);
        if (read.tree() == null) {
            throw new IllegalArgumentException(read.error());
        }
        try {
            return new DeviceSelector(read.tree());
        } catch (CelEvaluationException | RuntimeException | StackOverflowError e) {
            throw new IllegalArgumentException("program instantiation failed: " + e.getMessage(), e);
        }
    }

    /**
     * @param budget what may be evaluated for this device and others
     * @throws IllegalStateException when that cannot be said, with why
     * @throws Budget.Spent when the budget is spent, before or on the way
     */
    public boolean matches(Seen device, Budget budget) {
        Budget.Call call = budget.call(before);
        try {
            Object said = program.trace(Map.of("device", device.values), call);
            if (said instanceof Boolean b) {
                return b;
            }
            throw new IllegalStateException("CEL result of type "
                    + said.getClass().getSimpleName() + " could not be converted to bool: type conversion error");
        } catch (CelEvaluationException e) {
            throw new IllegalStateException(Language.why(e), e);
        } catch (Budget.Spent | StackOverflowError e) {
            if (e instanceof Budget.Spent spent && !call.isTooMuch()) {
                throw spent;
            }
            throw new IllegalStateException("operation cancelled: actual cost limit exceeded", e);
        }
    }

    /** What expressions see of a device. */
    public static final class Seen {
        private final Map<String, Object> values;

        private Seen(Map<String, Object> values) {
            this.values = values;
        }

        /**
         * @param driver whose names those are that do not say whose they are
         * @param device as it is in a ResourceSlice
         */
        public static Seen of(String driver, Unstructured device) {
            Domains attributes = new Domains();
            Unstructured told = device.object("attributes");
            told.map().keySet().forEach(name -> attributes.put(driver, name, value(told.object(name))));
            Domains capacity = new Domains();
            Unstructured sizes = device.object("capacity");
            sizes.map()
                    .keySet()
                    .forEach(name -> capacity.put(
                            driver, name, Quantity.of(sizes.object(name).get("value"))));
            return new Seen(Map.of(
                    "driver",
                    driver,
                    "attributes",
                    attributes,
                    "capacity",
                    capacity,
                    "allowMultipleAllocations",
                    device.bool("allowMultipleAllocations")));
        }

        private static Object value(Unstructured attribute) {
            if (attribute.has("int")) {
                return attribute.integer(0, "int");
            }
            if (attribute.has("bool")) {
                return attribute.bool("bool");
            }
            return attribute.has("version")
                    ? SemverFunctions.Version.parse(attribute.string("version"))
                    : attribute.string("string");
        }
    }

    /** By domain, then by name; there is every domain, though most are empty. */
    private static final class Domains extends HashMap<String, Map<String, Object>> {
        private static final long serialVersionUID = 1;

        void put(String driver, String qualified, Object value) {
            int slash = qualified.indexOf('/');
            String domain = slash < 0 ? driver : qualified.substring(0, slash);
            computeIfAbsent(domain, d -> new HashMap<>()).put(qualified.substring(slash + 1), value);
        }

        @Override
        public Map<String, Object> get(Object domain) {
            Map<String, Object> known = super.get(domain);
            return known == null ? Map.of() : known;
        }
    }
}

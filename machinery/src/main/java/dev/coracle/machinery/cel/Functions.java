package dev.coracle.machinery.cel;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.runtime.CelFunctionBinding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Functions of expressions, each with the types it is checked by and what it does. */
@SuppressWarnings("Immutable")
final class Functions {
    private final Map<String, List<CelOverloadDecl>> declared = new LinkedHashMap<>();
    private final List<CelFunctionBinding> bound = new ArrayList<>();

    /** {@code name(a)}. */
    <A> Functions global(String name, String id, CelType result, CelType a, Class<A> type, Function<A, Object> does) {
        declare(name, CelOverloadDecl.newGlobalOverload(id, result, a));
        bound.add(CelFunctionBinding.from(id, type, does::apply));
        return this;
    }

    /** {@code name(a, b)}. */
    Functions global(
            String name,
            String id,
            CelType result,
            List<CelType> types,
            List<Class<?>> classes,
            Function<Object[], Object> does) {
        declare(name, CelOverloadDecl.newGlobalOverload(id, result, types));
        bound.add(CelFunctionBinding.from(id, classes, does::apply));
        return this;
    }

    /** {@code name()}. */
    Functions constant(String name, CelType result, Object value) {
        String id = name.replace('.', '_');
        declare(name, CelOverloadDecl.newGlobalOverload(id, result));
        bound.add(CelFunctionBinding.from(id, List.of(), args -> value));
        return this;
    }

    /** {@code a.name()}. */
    <A> Functions member(String name, String id, CelType result, CelType a, Class<A> type, Function<A, Object> does) {
        declare(name, CelOverloadDecl.newMemberOverload(id, result, a));
        bound.add(CelFunctionBinding.from(id, type, does::apply));
        return this;
    }

    /** {@code a.name(b)}. */
    <A, B> Functions member(
            String name,
            String id,
            CelType result,
            CelType a,
            Class<A> typeA,
            CelType b,
            Class<B> typeB,
            BiFunction<A, B, Object> does) {
        declare(name, CelOverloadDecl.newMemberOverload(id, result, a, b));
        bound.add(CelFunctionBinding.from(id, typeA, typeB, does::apply));
        return this;
    }

    /** {@code a.name(b, c)}. */
    Functions member(
            String name,
            String id,
            CelType result,
            List<CelType> types,
            List<Class<?>> classes,
            Function<Object[], Object> does) {
        declare(name, CelOverloadDecl.newMemberOverload(id, result, types));
        bound.add(CelFunctionBinding.from(id, classes, does::apply));
        return this;
    }

    private void declare(String name, CelOverloadDecl overload) {
        declared.computeIfAbsent(name, n -> new ArrayList<>()).add(overload);
    }

    List<CelFunctionDecl> declarations() {
        List<CelFunctionDecl> all = new ArrayList<>();
        declared.forEach((name, overloads) -> all.add(CelFunctionDecl.newFunctionDeclaration(name, overloads)));
        return all;
    }

    List<CelFunctionBinding> bindings() {
        return bound;
    }
}

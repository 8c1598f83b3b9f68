package dev.coracle.machinery.cel;

import com.google.common.primitives.UnsignedLong;
import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Upstream's {@code kubernetes.lists} and {@code kubernetes.regex}. */
final class ListFunctions {
    private static final CelType T = TypeParamType.create("T");
    private static final CelType LIST = ListType.create(T);
    private static final CelType STRINGS = ListType.create(SimpleType.STRING);

    private ListFunctions() {}

    @SuppressWarnings("rawtypes")
    static void addTo(Functions f) {
        f.member("isSorted", "list_is_sorted_bool", SimpleType.BOOL, LIST, List.class, ListFunctions::isSorted)
                .member("sum", "list_sum", T, LIST, List.class, ListFunctions::sum)
                .member("min", "list_min", T, LIST, List.class, l -> extreme(l, -1, "min"))
                .member("max", "list_max", T, LIST, List.class, l -> extreme(l, 1, "max"))
                .member("indexOf", "list_a_index_of_int", SimpleType.INT, LIST, List.class, T, Object.class, (l, o) ->
                        (long) l.indexOf(o))
                .member(
                        "lastIndexOf",
                        "list_a_last_index_of_int",
                        SimpleType.INT,
                        LIST,
                        List.class,
                        T,
                        Object.class,
                        (l, o) -> (long) l.lastIndexOf(o))
                .member(
                        "includes",
                        "list_includes_dyn_dyn",
                        SimpleType.BOOL,
                        SimpleType.DYN,
                        Object.class,
                        SimpleType.DYN,
                        Object.class,
                        (a, b) -> a instanceof List<?> l ? l.contains(b) : a.equals(b))
                .member(
                        "find",
                        "string_find_string",
                        SimpleType.STRING,
                        SimpleType.STRING,
                        String.class,
                        SimpleType.STRING,
                        String.class,
                        (s, re) -> {
                            Matcher m = Pattern.compile(re).matcher(s);
                            return m.find() ? m.group() : "";
                        })
                .member(
                        "findAll",
                        "string_find_all_string",
                        STRINGS,
                        SimpleType.STRING,
                        String.class,
                        SimpleType.STRING,
                        String.class,
                        (s, re) -> findAll(s, re, -1))
                .member(
                        "findAll",
                        "string_find_all_string_int",
                        STRINGS,
                        List.of(SimpleType.STRING, SimpleType.STRING, SimpleType.INT),
                        List.of(String.class, String.class, Long.class),
                        args -> findAll((String) args[0], (String) args[1], (Long) args[2]))
                .member(
                        "format",
                        "string_format",
                        SimpleType.STRING,
                        SimpleType.STRING,
                        String.class,
                        ListType.create(SimpleType.DYN),
                        List.class,
                        (s, args) -> TextFormat.format(s, (List<?>) args));
    }

    private static List<String> findAll(String text, String re, long most) {
        List<String> found = new ArrayList<>();
        Matcher m = Pattern.compile(re).matcher(text);
        while ((most < 0 || found.size() < most) && m.find()) {
            found.add(m.group());
        }
        return found;
    }

    private static boolean isSorted(List<?> list) {
        for (int i = 1; i < list.size(); i++) {
            if (compare(list.get(i - 1), list.get(i)) > 0) {
                return false;
            }
        }
        return true;
    }

    private static Object extreme(List<?> list, int sign, String name) {
        if (list.isEmpty()) {
            throw new IllegalArgumentException(name + " called on empty list");
        }
        Object best = list.getFirst();
        for (Object o : list) {
            best = compare(o, best) * sign > 0 ? o : best;
        }
        return best;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static int compare(Object a, Object b) {
        if (a instanceof Comparable c && a.getClass() == b.getClass()) {
            return c.compareTo(b);
        }
        throw new IllegalArgumentException("no such overload");
    }

    private static Object sum(List<?> list) {
        Object sum = 0L;
        for (int i = 0; i < list.size(); i++) {
            Object o = list.get(i);
            sum = i == 0 ? o : plus(sum, o);
        }
        return sum;
    }

    private static Object plus(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) {
            return Math.addExact(x, y);
        }
        if (a instanceof Double x && b instanceof Double y) {
            return x + y;
        }
        if (a instanceof Duration x && b instanceof Duration y) {
            return x.plus(y);
        }
        if (a instanceof UnsignedLong x && b instanceof UnsignedLong y) {
            return x.plus(y);
        }
        throw new IllegalArgumentException("no such overload");
    }
}

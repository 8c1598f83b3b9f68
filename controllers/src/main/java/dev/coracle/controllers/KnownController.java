package dev.coracle.controllers;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * A controller by its name. Several of one name are one to who selects.
 *
 * @param name upstream's, of {@code cmd/kube-controller-manager/names}
 * @param alias the name that upstream had for it before, still understood
 * @param addon what it belongs to, and runs with only; empty for those that every cluster has
 */
record KnownController(
        String name, String alias, Optional<Addon> addon, Function<ControllerContext, Controller> start) {
    /** Those that are selected, of what every cluster has and of the add-ons; throws for a name that is none. */
    static List<KnownController> select(List<KnownController> known, List<String> selection, List<Addon> addons) {
        Set<String> names = new TreeSet<>();
        known.forEach(k -> names.add(k.name()));
        for (String s : selection) {
            String name = s.startsWith("-") ? s.substring(1) : s;
            if (!s.equals("*") && known.stream().noneMatch(k -> k.is(name))) {
                throw new IllegalArgumentException(
                        "\"" + name + "\" is not in the list of known controllers: " + String.join(", ", names));
            }
        }
        return known.stream()
                .filter(k -> k.addon().isEmpty() || addons.contains(k.addon().get()))
                .filter(k -> k.isSelected(selection))
                .toList();
    }

    private boolean is(String what) {
        return what.equals(name) || what.equals(alias);
    }

    private boolean isSelected(List<String> selection) {
        for (String s : selection) {
            if (is(s)) {
                return true;
            }
            if (s.startsWith("-") && is(s.substring(1))) {
                return false;
            }
        }
        return selection.contains("*");
    }
}

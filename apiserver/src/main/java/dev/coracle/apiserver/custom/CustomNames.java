package dev.coracle.apiserver.custom;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which names of a definition nobody else of its group has: {@code status.acceptedNames}, and what is in the way. See
 * upstream's naming controller.
 *
 * @param accepted names, where they are not taken; {@code status.acceptedNames} as it was for those that are
 * @param conflict {@code reason} and {@code message} of the first name that is taken
 */
record CustomNames(Unstructured accepted, Optional<Conflict> conflict) {
    record Conflict(String reason, String message) {}

    /** @param others definitions of the same group */
    static CustomNames of(Unstructured crd, Collection<Unstructured> others) {
        Set<String> resources = new HashSet<>();
        Set<String> kinds = new HashSet<>();
        for (Unstructured other : others) {
            Unstructured taken = other.object("status", "acceptedNames");
            resources.add(taken.string("plural"));
            resources.add(taken.string("singular"));
            resources.addAll(taken.stringList("shortNames"));
            kinds.add(taken.string("kind"));
            kinds.add(taken.string("listKind"));
        }
        resources.remove("");
        kinds.remove("");
        Unstructured wanted = crd.object("spec", "names").copy();
        List<Conflict> conflicts = new ArrayList<>();
        for (String field : List.of("plural", "singular")) {
            taken(wanted.string(field), resources, field, conflicts);
        }
        for (String name : wanted.stringList("shortNames")) {
            taken(name, resources, "shortNames", conflicts);
        }
        for (String field : List.of("kind", "listKind")) {
            taken(wanted.string(field), kinds, field, conflicts);
        }
        boolean free = conflicts.isEmpty();
        return new CustomNames(
                free ? wanted : crd.object("status", "acceptedNames").copy(),
                conflicts.stream().findFirst());
    }

    private static void taken(String name, Set<String> by, String field, List<Conflict> conflicts) {
        if (by.contains(name)) {
            String reason = Character.toUpperCase(field.charAt(0)) + field.substring(1) + "Conflict";
            conflicts.add(new Conflict(reason, "\"" + name + "\" is already in use"));
        }
    }
}

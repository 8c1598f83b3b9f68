package dev.coracle.controllers;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a cluster can have besides, that no upstream cluster has by itself; its controllers run when it is asked for. */
public enum Addon {
    SEALED_SECRETS,
    EXTERNAL_SECRETS;

    /** @throws IllegalArgumentException for what is none */
    public static Addon of(String text) {
        return Arrays.stream(values())
                .filter(a -> a.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no add-on \"" + text + "\"; known: "
                        + Arrays.stream(values()).map(Addon::toString).collect(Collectors.joining(", "))));
    }

    /** Those of a list, where an empty word says nothing. */
    public static List<Addon> of(List<String> texts) {
        return texts.stream()
                .filter(t -> !t.isEmpty())
                .map(Addon::of)
                .distinct()
                .toList();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

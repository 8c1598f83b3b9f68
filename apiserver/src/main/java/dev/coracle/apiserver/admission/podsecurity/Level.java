package dev.coracle.apiserver.admission.podsecurity;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** From all to least; each forbids what the one before it forbids. */
enum Level {
    PRIVILEGED,
    BASELINE,
    RESTRICTED;

    static Optional<Level> parse(String text) {
        return Arrays.stream(values()).filter(l -> l.toString().equals(text)).findFirst();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

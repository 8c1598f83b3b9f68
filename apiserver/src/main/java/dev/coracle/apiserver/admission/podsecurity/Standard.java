package dev.coracle.apiserver.admission.podsecurity;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A level as one release of Kubernetes meant it: {@code restricted:v1.24}, {@code baseline:latest}.
 *
 * @param minor {@link #LATEST} for whatever the newest rules are
 */
record Standard(Level level, long minor) {
    static final long LATEST = Long.MAX_VALUE;

    private static final Pattern VERSION = Pattern.compile("v1\\.(0|[1-9][0-9]*)");

    static Optional<Long> version(String text) {
        if (text.equals("latest")) {
            return Optional.of(LATEST);
        }
        Matcher m = VERSION.matcher(text);
        try {
            return m.matches() ? Optional.of(Long.parseLong(m.group(1))) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return level + ":" + (minor == LATEST ? "latest" : "v1." + minor);
    }
}

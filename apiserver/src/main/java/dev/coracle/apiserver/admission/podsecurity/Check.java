package dev.coracle.apiserver.admission.podsecurity;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A rule and how releases changed it.
 *
 * @param level the first that has the rule
 * @param replaces the rule of the level below that says less than this one; empty for none
 * @param versions what is looked for, by the minor version since which it is
 */
record Check(
        Level level, String id, String replaces, NavigableMap<Long, Function<Subject, Optional<Violation>>> versions) {

    static Check of(Level level, String id, Map<Integer, Function<Subject, Optional<Violation>>> versions) {
        return replacing("", level, id, versions);
    }

    static Check replacing(
            String replaced, Level level, String id, Map<Integer, Function<Subject, Optional<Violation>>> versions) {
        var sorted = new TreeMap<Long, Function<Subject, Optional<Violation>>>();
        versions.forEach((minor, test) -> sorted.put((long) minor, test));
        return new Check(level, id, replaced, sorted);
    }

    private boolean existed(Standard standard) {
        return level.compareTo(standard.level()) <= 0 && versions.floorKey(standard.minor()) != null;
    }

    /** What of {@code standard} the pod breaks. */
    static List<Violation> violations(List<Check> checks, Standard standard, Subject pod) {
        return checks.stream()
                .filter(c -> c.existed(standard))
                .filter(c -> checks.stream().noneMatch(d -> d.replaces.equals(c.id) && d.existed(standard)))
                .map(c -> c.versions.floorEntry(standard.minor()).getValue().apply(pod))
                .flatMap(Optional::stream)
                .toList();
    }
}

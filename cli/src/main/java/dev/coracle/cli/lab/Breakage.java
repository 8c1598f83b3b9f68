package dev.coracle.cli.lab;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Set;

/**
 * One thing that somebody did to FlowForge.
 *
 * @param shows what one meets, in the words of {@code kubectl get pods}: {@code ImagePullBackOff}
 * @param usual whether it is one of those that are chosen where no seed is given
 * @param objects that come with it
 * @param changes of FlowForge's objects
 * @param hints the first for who has no idea, the last for who has nearly given up
 * @param mended looks at what people write, not at what became of it; what is gone is not mended
 * @param solution one that {@code mended} accepts; its objects take the place of those of their names
 */
record Breakage(
        String name,
        List<String> shows,
        boolean usual,
        List<Unstructured> objects,
        List<Change> changes,
        List<String> hints,
        Check mended,
        Solution solution) {
    /** @param gone {@code ResourceQuota/quota}: what must go */
    record Solution(List<Unstructured> objects, List<Change> changes, List<String> gone) {
        private static final Set<String> FIELDS = Set.of("objects", "changes", "gone");

        static Solution of(Entry e) {
            return new Solution(e.fields().objects("objects"), Change.listed(e), e.texts("gone"));
        }
    }

    private static final Set<String> FIELDS =
            Set.of("name", "shows", "usual", "objects", "changes", "hints", "mended", "solution");

    static Breakage of(String where, Object tree) {
        Entry e = Entry.of(where, tree, FIELDS);
        return new Breakage(
                e.text("name"),
                e.texts("shows"),
                e.fields().bool("usual"),
                e.fields().objects("objects"),
                Change.listed(e),
                e.texts("hints"),
                Check.of(
                        Entry.of(where + ": mended", e.fields().object("mended").map(), Check.FIELDS)),
                Solution.of(Entry.of(
                        where + ": solution", e.fields().object("solution").map(), Solution.FIELDS)));
    }
}

package dev.coracle.cluster;

import dev.coracle.store.embedded.StoreCheck;
import java.nio.file.Path;
import java.util.List;

/**
 * What a reading of a cluster's store from its first record to its last finds.
 *
 * @param summary how much there is, in one line
 * @param problems where records do not agree; none where all is well
 */
public record StoreReport(String summary, List<String> problems) {
    /**
     * Changes nothing; the cluster may run meanwhile.
     *
     * @throws IllegalStateException when there is no store, or it cannot be opened
     */
    public static StoreReport of(Path store) {
        StoreCheck.Report r = StoreCheck.of(store);
        return new StoreReport(
                r.keys() + " keys (" + r.sealed() + " records are encrypted), " + r.records() + " records of together "
                        + (r.bytes() >> 10) + " KiB, revision " + r.revision() + ", compacted at " + r.compacted(),
                r.problems());
    }
}

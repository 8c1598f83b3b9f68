package dev.coracle.scheduler;

/**
 * How many nodes that fit are enough to choose from, and with which node the look begins. Among many nodes the best of a
 * part is nearly as good as the best of all, and found sooner: without a wish of the user's, half of a hundred nodes, a
 * tenth of five thousand, but never fewer than a hundred nor than a twentieth. Each look begins where the last one ended,
 * so that every node has its turn.
 *
 * <pre>
 *   nodes        50   200   1000   5000   10000
 *   are enough   50   100    420    500     500
 * </pre>
 */
final class Sampling {
    private static final long FEWEST = 100;
    private static final long LEAST_PERCENTAGE = 5;

    private int start;

    /** @param percentage 0 for fewer the more nodes there are */
    static int enough(int nodes, long percentage) {
        if (nodes < FEWEST) {
            return nodes;
        }
        long of = percentage == 0 ? Math.max(LEAST_PERCENTAGE, 50 - nodes / 125) : percentage;
        return (int) Math.max(FEWEST, nodes * of / 100);
    }

    int start(int nodes) {
        return nodes == 0 ? 0 : start % nodes;
    }

    void looked(int at, int nodes) {
        start = nodes == 0 ? 0 : (start + at) % nodes;
    }
}

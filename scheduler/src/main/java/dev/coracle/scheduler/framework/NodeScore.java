package dev.coracle.scheduler.framework;

/** What one plugin makes of one pod: how well nodes do. */
@FunctionalInterface
public interface NodeScore {
    long MAX = 100;

    long score(NodeInfo node);

    /** Brings the scores of all nodes between 0 and {@link #MAX}, in place. */
    default void normalize(long[] scores) {}

    /** Scales by the highest; reversed where a high count is bad. */
    static void scale(long[] scores, boolean reverse) {
        long max = 0;
        for (long s : scores) {
            max = Math.max(max, s);
        }
        for (int i = 0; i < scores.length; i++) {
            long scaled = max == 0 ? 0 : scores[i] * MAX / max;
            scores[i] = reverse ? MAX - scaled : scaled;
        }
    }

    /** Scores that count something, and are to be scaled. */
    static NodeScore scaled(boolean reverse, NodeScore counts) {
        return new NodeScore() {
            @Override
            public long score(NodeInfo node) {
                return counts.score(node);
            }

            @Override
            public void normalize(long[] scores) {
                scale(scores, reverse);
            }
        };
    }
}

package dev.coracle.scheduler.framework;

/**
 * What the plugins that look at one node alone make of one, for pods that are {@link Alike}. Kept with the node
 * ({@link NodeInfo#recall}) and so gone when the node is another.
 */
public final class Judgement {
    private static final long UNKNOWN = Long.MIN_VALUE;
    private static final long[] NONE = {};

    /** Which plugin refused, by its place among all; after all of them when none did. */
    final int refuser;

    final Status status;
    private long[] scores = NONE;

    Judgement(int refuser, Status status) {
        this.refuser = refuser;
        this.status = status;
    }

    /**
     * What a plugin scores the node by, before that is compared with others.
     *
     * @param plugin its place among those that score, of so many
     */
    public long score(int plugin, int of, NodeScore score, NodeInfo node) {
        if (scores.length != of) {
            scores = new long[of];
            java.util.Arrays.fill(scores, UNKNOWN);
        }
        long known = scores[plugin];
        if (known == UNKNOWN) {
            known = score.score(node);
            scores[plugin] = known;
        }
        return known;
    }
}

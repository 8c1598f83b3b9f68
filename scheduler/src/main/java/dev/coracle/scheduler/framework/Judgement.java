package dev.coracle.scheduler.framework;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
    /** What was made for one who asked, of the pods that were to come then and of what else it asked by. */
    private @Nullable Kept kept;

    private @Nullable Among among;
    private long[] scores = NONE;

    private record Kept(List<PodInfo> nominated, Object by, Object made) {}

    private record Among(List<PodInfo> nominated, Status status) {}

    Judgement(int refuser, Status status) {
        this.refuser = refuser;
        this.status = status;
    }

    /** What is said of the node beside those who are to come there, as long as these are the same. */
    Status among(List<PodInfo> nominated, Supplier<Status> find) {
        Among known = among;
        if (known == null || known.nominated != nominated) {
            known = new Among(nominated, find.get());
            among = known;
        }
        return known.status;
    }

    <T> T keep(Class<T> type, List<PodInfo> nominated, Object by, Supplier<T> make) {
        Kept known = kept;
        if (known == null || known.nominated != nominated || known.by != by || !type.isInstance(known.made)) {
            known = new Kept(nominated, by, make.get());
            kept = known;
        }
        return type.cast(known.made);
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

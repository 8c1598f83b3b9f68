package dev.coracle.scheduler.framework;

import java.util.function.IntConsumer;

/** Which places in the list of nodes changed last, for {@link Tally}s to keep up without a look at all. Of one thread. */
public final class NodeChanges {
    private static final int REMEMBERED = 1024;

    private final int[] last = new int[REMEMBERED];
    private long count;

    public void add(int place) {
        last[(int) (count++ % REMEMBERED)] = place;
    }

    /** The places are others from now on. */
    public void addAll() {
        count += REMEMBERED + 1;
    }

    long count() {
        return count;
    }

    /** Tells the changes from one count to another; false, without any, when they are not remembered. */
    boolean tell(long from, long to, IntConsumer places) {
        if (from > to || count - from > REMEMBERED) {
            return false;
        }
        for (long i = from; i < to; i++) {
            places.accept(last[(int) (i % REMEMBERED)]);
        }
        return true;
    }
}

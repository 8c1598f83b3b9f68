package dev.coracle.store.embedded;

import java.util.function.LongSupplier;

/**
 * Whether a disk has room for what is to come. Between what is too little and what is enough again lies some distance, so
 * that a store at the edge does not change its mind with every write.
 *
 * <p>What is kept free lets the journal end what it has begun: a write that the disk broke off would end the store for good.
 */
final class Room {
    static final long LEAST = 64L << 20;
    static final long ENOUGH = 128L << 20;

    private static final System.Logger LOG = System.getLogger("coracle.store");

    private final LongSupplier free;
    private boolean full;

    /** @param free how many bytes may still be written */
    Room(LongSupplier free) {
        this.free = free;
    }

    /** Called by one thread at a time. */
    boolean look() {
        long left = free.getAsLong();
        boolean now = left < (full ? ENOUGH : LEAST);
        if (now != full) {
            full = now;
            LOG.log(
                    now ? System.Logger.Level.ERROR : System.Logger.Level.INFO,
                    now
                            ? "the disk has " + (left >> 20) + " MiB left: until it has " + (ENOUGH >> 20)
                                    + " MiB the store only takes deletions"
                            : "the disk has room again: the store takes all writes");
        }
        return now;
    }
}

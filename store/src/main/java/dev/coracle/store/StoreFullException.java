package dev.coracle.store;

/**
 * The store's disk has hardly any room left: nothing of this transaction was done, and it may be tried again when there is
 * more. Deletions and compactions are done all the same, since they make room.
 */
public final class StoreFullException extends IllegalStateException {
    public StoreFullException() {
        super(
                "mvcc: database space exceeded: the store's disk is nearly full, and until it has more room the store only"
                        + " takes deletions");
    }
}

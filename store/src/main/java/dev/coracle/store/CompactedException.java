package dev.coracle.store;

/** The revision asked for was compacted away. */
public final class CompactedException extends RuntimeException {
    private final long compactRevision;

    public CompactedException(long compactRevision) {
        super("required revision has been compacted");
        this.compactRevision = compactRevision;
    }

    /** The oldest revision that can still be read. */
    public long compactRevision() {
        return compactRevision;
    }
}

package dev.coracle.client;

/**
 * @param subresource {@code ""}, {@code status} or {@code scale}
 * @param fieldManager who is recorded in managedFields
 * @param force take over conflicting fields; for apply only
 */
public record WriteOptions(String subresource, String fieldManager, boolean force, boolean dryRun) {
    public static final WriteOptions DEFAULT = new WriteOptions("", "coracle", false, false);
    public static final WriteOptions STATUS = new WriteOptions("status", "coracle", false, false);

    public WriteOptions as(String manager) {
        return new WriteOptions(subresource, manager, force, dryRun);
    }
}

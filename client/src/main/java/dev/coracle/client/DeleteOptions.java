package dev.coracle.client;

/**
 * @param gracePeriodSeconds -1: what the object asks for
 * @param propagation {@code Background}, {@code Foreground}, {@code Orphan} or {@code ""} for the resource's default
 * @param uid precondition; {@code ""} for none
 * @param resourceVersion precondition; {@code ""} for none
 * @param dryRun do all but the deletion
 */
public record DeleteOptions(
        long gracePeriodSeconds, String propagation, String uid, String resourceVersion, boolean dryRun) {
    public static final DeleteOptions DEFAULT = new DeleteOptions(-1, "", "", "");
    public static final DeleteOptions NOW = new DeleteOptions(0, "", "", "");

    public DeleteOptions(long gracePeriodSeconds, String propagation, String uid, String resourceVersion) {
        this(gracePeriodSeconds, propagation, uid, resourceVersion, false);
    }

    /** Only the object with this uid. */
    public static DeleteOptions of(String uid) {
        return new DeleteOptions(-1, "", uid, "");
    }

    public DeleteOptions propagation(String policy) {
        return new DeleteOptions(gracePeriodSeconds, policy, uid, resourceVersion, dryRun);
    }
}

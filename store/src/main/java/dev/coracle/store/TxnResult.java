package dev.coracle.store;

import java.util.List;

/**
 * @param succeeded whether all compares held, so that {@code success} ran
 * @param revision the store's revision after the transaction
 * @param ranges the results of its {@link Op.Range} steps, in order
 */
public record TxnResult(boolean succeeded, long revision, List<RangeResult> ranges) {}

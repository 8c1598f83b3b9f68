package dev.coracle.store;

import java.util.List;

/**
 * @param revision the store's newest revision when the range was read
 * @param count how many keys the range held, the limit notwithstanding
 */
public record RangeResult(long revision, List<KeyValue> kvs, boolean more, long count) {}

/**
 * The durable store: revisions in memory ({@code mvcc}) over a RocksDB whose write-ahead log is synced before a write is
 * acknowledged.
 *
 * <p>Keys in RocksDB: {@code r} + revision + key for a revision's record, {@code l} + id for a lease, {@code c} for the
 * compact revision. Revisions are big-endian, so that a scan replays history in order.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.store.embedded;

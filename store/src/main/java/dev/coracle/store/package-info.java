/**
 * The store contract, etcd's semantics and nothing more, and what keeps it: {@code embedded} (RocksDB, durable) and
 * {@code memory} (persistent structure, forks for a pointer). Only the API server holds a store.
 *
 * <p>One global revision that only grows; each transaction that writes makes one. Keys and values lie as upstream lays
 * them: {@code /registry/pods/default/web-0}.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.store;

package dev.coracle.store;

/**
 * One key at one revision.
 *
 * @param value not to be changed
 * @param createRevision when the key last came into being
 * @param modRevision when this value was written
 * @param version 1 for a new key, one more with each write
 * @param lease 0 for none
 */
public record KeyValue(String key, byte[] value, long createRevision, long modRevision, long version, long lease) {}

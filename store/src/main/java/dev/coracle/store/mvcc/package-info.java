/**
 * Revisions in memory over a journal: what the embedded and the memory store share.
 *
 * <p>Each key has an array of its versions, oldest first, which is replaced and never changed, so readers take no lock.
 * Readers see up to {@code published}, which moves only after the journal has the revision on disk. Writers queue; the
 * one that gets the writer lock commits for all that wait, with one sync (group commit).
 *
 * <p>Lock order: writer lock, then nothing. Listeners are called with it held, so that events keep their order.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.store.mvcc;

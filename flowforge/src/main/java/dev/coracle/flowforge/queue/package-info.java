/** The queue: one table, claimed with {@code FOR UPDATE SKIP LOCKED}, announced with {@code NOTIFY}. */
@org.jspecify.annotations.NullMarked
package dev.coracle.flowforge.queue;

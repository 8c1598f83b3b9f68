/**
 * FlowForge, a task queue on PostgreSQL: {@code api} takes tasks in, {@code worker} does them, {@code queue} is the
 * table between them. Both services are configured by environment variables alone ({@link
 * dev.coracle.flowforge.Settings}).
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.flowforge;

package dev.coracle.flowforge.queue;

/**
 * A task whose worker did not finish in time.
 *
 * @param dead whether that was its last attempt
 */
public record PutBack(String type, boolean dead) {}

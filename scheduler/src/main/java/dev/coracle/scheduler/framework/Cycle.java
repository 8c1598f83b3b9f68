package dev.coracle.scheduler.framework;

/** One pod's turn: it is decided by these two and by nothing else. */
public record Cycle(PodInfo pod, Snapshot snapshot) {}

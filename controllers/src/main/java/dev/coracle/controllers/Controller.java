package dev.coracle.controllers;

/** One loop. */
public interface Controller extends AutoCloseable {
    /** Returns when nothing is being worked on any more. */
    @Override
    void close();
}

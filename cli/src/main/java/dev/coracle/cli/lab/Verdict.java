package dev.coracle.cli.lab;

/** @param says what is so, or what is wrong */
public record Verdict(boolean holds, String says) {}

package dev.falconer.server.domain;

/** Where a request's time went, in nanoseconds of {@link System#nanoTime}. */
public record Timings(long stateNanos, long encodeNanos, long scoreNanos) {}

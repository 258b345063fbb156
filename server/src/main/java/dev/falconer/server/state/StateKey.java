package dev.falconer.server.state;

/**
 * Whose state it is, and of which graphs.
 *
 * @param digest identity of the files that encoded it
 */
public record StateKey(String model, String version, String digest, String userKey) {}

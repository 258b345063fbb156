package dev.falconer.server.domain;

/**
 * The answer to a {@link WarmQuery}.
 *
 * @param stateBytes bytes of the user's state
 */
public record Warmed(
    String version, StateOutcome outcome, String reason, long stateBytes, Timings timings) {}

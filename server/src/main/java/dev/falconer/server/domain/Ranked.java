package dev.falconer.server.domain;

/**
 * The answer to a {@link RankQuery}.
 *
 * @param version the version that answered
 * @param count m, the candidates scored
 * @param reason why the state came from there
 */
public record Ranked(
    String version,
    int count,
    Scores scores,
    Slate slate,
    StateOutcome outcome,
    String reason,
    Timings timings) {}

package dev.falconer.server.domain;

import java.util.List;

/**
 * A ranking request as sent: well-formed, not yet held against a model.
 *
 * @param version empty for the served one
 * @param userKey identity of the user's cached state; may be empty where none is used
 * @param topK length of the slate; 0 for all candidates
 */
public record RankQuery(
    String model,
    String version,
    String userKey,
    Mode mode,
    List<Column> history,
    List<Column> candidates,
    List<Column> context,
    Objective objective,
    int topK,
    ItemIds itemIds) {}

package dev.falconer.client;

/**
 * A user's state, encoded ahead of the ranking call.
 *
 * @param version the model version that encoded it
 * @param state HIT, EXTEND or MISS
 * @param reason why, in words
 * @param stateBytes bytes that the state takes in the server's cache
 * @param micros time at the server by stage
 */
public record Warmed(
    String version, Ranking.State state, String reason, long stateBytes, Ranking.Micros micros) {}

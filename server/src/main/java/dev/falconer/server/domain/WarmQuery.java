package dev.falconer.server.domain;

import java.util.List;

/**
 * A request to encode a user's history ahead of the ranking call.
 *
 * @param version empty for the served one
 */
public record WarmQuery(String model, String version, String userKey, List<Column> history) {}

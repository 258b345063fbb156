package dev.falconer.server.domain;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The candidates' columns and the request's, each beside its spec, in the model's order.
 *
 * @param count m
 * @param bids FLOAT32 [m], or of length 0 when no bid multiplies
 */
public record Candidates(
    int count,
    List<ColumnSpec> specs,
    List<Column> columns,
    List<ColumnSpec> contextSpecs,
    List<Column> context,
    MemorySegment bids) {}

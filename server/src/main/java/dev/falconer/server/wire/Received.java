package dev.falconer.server.wire;

import dev.falconer.server.domain.RequestException;
import dev.falconer.server.memory.Slabs;
import org.jspecify.annotations.Nullable;

/**
 * A request off the wire, or why it is none, and the memory that its columns lie in. Whoever holds
 * it closes it.
 *
 * @param <Q> the query
 */
public final class Received<Q> implements AutoCloseable {
  private final @Nullable Q query;
  private final @Nullable RequestException failure;
  private final Slabs.@Nullable Slab slab;
  private long arrivalNanos;
  private long decodedNanos;

  private Received(
      @Nullable Q query, @Nullable RequestException failure, Slabs.@Nullable Slab slab) {
    this.query = query;
    this.failure = failure;
    this.slab = slab;
  }

  static <Q> Received<Q> ok(Q query, Slabs.Slab slab) {
    return new Received<>(query, null, slab);
  }

  /** Returns the request that could not be read. */
  public static <Q> Received<Q> failed(RequestException failure) {
    return new Received<>(null, failure, null);
  }

  /** Returns itself with the times, of {@link System#nanoTime}, when reading it began and ended. */
  public Received<Q> at(long arrival, long decoded) {
    arrivalNanos = arrival;
    decodedNanos = decoded;
    return this;
  }

  /** Returns whether there is a query. */
  public boolean isReadable() {
    return query != null;
  }

  /** Returns the query, or throws why there is none. */
  public Q query() {
    if (query == null) {
      throw failure == null ? new IllegalStateException("neither query nor failure") : failure;
    }
    return query;
  }

  /** Returns when reading it began. */
  public long arrivalNanos() {
    return arrivalNanos;
  }

  /** Returns when it was read. */
  public long decodedNanos() {
    return decodedNanos;
  }

  @Override
  public void close() {
    if (slab != null) {
      slab.close();
    }
  }
}

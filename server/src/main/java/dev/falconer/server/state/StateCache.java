package dev.falconer.server.state;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.falconer.server.domain.Budget;
import dev.falconer.server.domain.Finite;
import dev.falconer.server.domain.History;
import dev.falconer.server.domain.ModelSpec;
import dev.falconer.server.domain.StateOutcome;
import dev.falconer.server.domain.StateTensors;
import dev.falconer.server.memory.NativeMemory;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * User states by {@link StateKey}, weighed in bytes, kept off the heap.
 *
 * <p>A cache, never the truth: each request brings its whole history, and what is found here is
 * used only as far as its hash says that it is the state of exactly these events. So an entry that
 * is gone, replaced or of another version costs time and nothing else.
 *
 * <p>Only one request at a time encodes for a key; the others wait for it and look again. That is
 * the only writer of the key, which makes concurrent appends end as if one had come after the
 * other. A waiting request holds a thread of the pool, no longer than its own encoding would have.
 * Readers hold a reference: eviction and replacement free memory only after the last of them.
 */
public final class StateCache implements AutoCloseable {
  private final Cache<StateKey, UserState> cache;
  private final ConcurrentMap<StateKey, CountDownLatch> encoding = new ConcurrentHashMap<>();
  private final NativeMemory memory;
  private final long seed;
  private final LongAdder bytes = new LongAdder();
  private final LongAdder evictions = new LongAdder();

  /** Encodes a history. */
  @FunctionalInterface
  public interface Encoder {
    /**
     * Writes the state of the past's events and the new ones into {@code out}.
     *
     * @param newEvents the user's columns with the new events only
     * @param past what they continue; null for none
     */
    void encode(History newEvents, @Nullable StateTensors past, StateTensors out);
  }

  /**
   * Creates an empty cache.
   *
   * @param maxBytes states kept take at most this
   * @param expiry after the last write of an entry
   * @param seed of the hashes; random, so that nobody outside can prepare two histories of one hash
   */
  public StateCache(NativeMemory memory, long maxBytes, Duration expiry, Ticker ticker, long seed) {
    this.memory = memory;
    this.seed = seed;
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher(
                (StateKey _, UserState state) -> (int) Math.min(Integer.MAX_VALUE, state.bytes()))
            .expireAfterWrite(expiry)
            .ticker(ticker)
            .executor(Runnable::run)
            .evictionListener((@Nullable StateKey _, @Nullable UserState _, RemovalCause _) ->
                evictions.increment())
            .removalListener((@Nullable StateKey _, @Nullable UserState state, RemovalCause _) -> {
              if (state != null) {
                bytes.add(-state.bytes());
                state.release();
              }
            })
            .build();
  }

  /** Returns the state of the history for this request alone; nothing is looked up or kept. */
  public Lease bypass(ModelSpec spec, History history, Encoder encoder) {
    var state = UserState.allocate(memory, spec.state(), history.events(), HistoryChain.Hash.NONE);
    long start = System.nanoTime();
    encode(state, () -> encoder.encode(history, null, state.tensors()));
    return new Lease(
        state, StateOutcome.BYPASSED, "as the request asked", System.nanoTime() - start);
  }

  /** Returns the state of the history: the cached one, that one grown, or a new one. */
  public Lease get(StateKey key, ModelSpec spec, History history, Budget budget, Encoder encoder) {
    while (true) {
      var cached = retained(key);
      try {
        var hashes = HistoryChain.of(history, cached == null ? -1 : cached.events(), seed);
        if (cached != null && hashes.whole().equals(cached.hash())) {
          return hit(cached);
        }
        var mine = new CountDownLatch(1);
        var other = encoding.putIfAbsent(key, mine);
        if (other != null) {
          await(other, budget);
          continue;
        }
        try {
          // Another may have finished between the look and the claim.
          if (isCurrent(key, cached)) {
            return encodeAndKeep(key, spec, history, hashes, cached, encoder);
          }
        } finally {
          encoding.remove(key, mine);
          mine.countDown();
        }
      } finally {
        if (cached != null) {
          cached.release();
        }
      }
    }
  }

  private Lease hit(UserState cached) {
    if (!cached.tryRetain()) {
      throw new IllegalStateException("a held state was freed");
    }
    return new Lease(cached, StateOutcome.HIT, "the cached state is of this history", 0);
  }

  private Lease encodeAndKeep(
      StateKey key,
      ModelSpec spec,
      History history,
      HistoryChain.Hashes hashes,
      @Nullable UserState cached,
      Encoder encoder) {
    boolean isPrefix = cached != null && hashes.prefix().equals(cached.hash());
    boolean extend = isPrefix && spec.canGrow();
    var state = UserState.allocate(memory, spec.state(), history.events(), hashes.whole());
    long start = System.nanoTime();
    encode(
        state,
        () -> {
          if (extend && cached != null) {
            encoder.encode(history.from(cached.events()), cached.tensors(), state.tensors());
          } else {
            encoder.encode(history, null, state.tensors());
          }
        });
    long nanos = System.nanoTime() - start;
    String reason = reason(spec, history, cached, isPrefix);
    if (holdsNaN(spec, state)) {
      reason += "; not kept: the state holds NaN or infinity";
    } else {
      state.tryRetain();
      bytes.add(state.bytes());
      cache.put(key, state);
    }
    return new Lease(state, extend ? StateOutcome.EXTEND : StateOutcome.MISS, reason, nanos);
  }

  private static void encode(UserState state, Runnable encoder) {
    boolean done = false;
    try {
      encoder.run();
      done = true;
    } finally {
      if (!done) {
        state.release();
      }
    }
  }

  private static String reason(
      ModelSpec spec, History history, @Nullable UserState cached, boolean isPrefix) {
    if (cached == null) {
      return "no state for this user";
    }
    if (isPrefix) {
      return spec.canGrow()
          ? (history.events() - cached.events()) + " new events after " + cached.events()
          : "the cached state can't grow: " + spec.growthReason();
    }
    if (history.events() < cached.events()) {
      return "history of " + history.events() + " events, the cached one has " + cached.events();
    }
    return "history differs from the cached one within its first " + cached.events() + " events";
  }

  private static boolean holdsNaN(ModelSpec spec, UserState state) {
    for (int i = 0; i < spec.state().size(); i++) {
      if (!Finite.isFinite(spec.state().get(i).dtype(), state.tensors().segments().get(i))) {
        return true;
      }
    }
    return false;
  }

  private @Nullable UserState retained(StateKey key) {
    var state = cache.getIfPresent(key);
    return state != null && state.tryRetain() ? state : null;
  }

  private boolean isCurrent(StateKey key, @Nullable UserState seen) {
    var now = cache.getIfPresent(key);
    // Gone meanwhile is as good: what this request holds is still the state of its own events.
    return now == null || now == seen;
  }

  private static void await(CountDownLatch other, Budget budget) {
    budget.check();
    try {
      if (!other.await(budget.remainingNanos(), TimeUnit.NANOSECONDS)) {
        throw Budget.late();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a state", e);
    }
  }

  /** Drops the states of a version that is no longer served. */
  public void forget(ModelSpec spec) {
    cache
        .asMap()
        .keySet()
        .removeIf(key -> key.model().equals(spec.name()) && key.digest().equals(spec.digest()));
  }

  /** Returns the bytes of the states kept. */
  public long bytes() {
    return bytes.sum();
  }

  /** Returns how many states are kept, about. */
  public long entries() {
    return cache.estimatedSize();
  }

  /** Returns how many states were dropped for their age or for room. */
  public long evictions() {
    return evictions.sum();
  }

  /** Drops every state; those on loan go when they are given back. */
  @Override
  public void close() {
    cache.invalidateAll();
  }
}

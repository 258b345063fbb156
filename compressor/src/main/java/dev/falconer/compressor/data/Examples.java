package dev.falconer.compressor.data;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A log as requests in time order. A request is one user, a time, the events of that user strictly
 * before that time, and m candidates with a label per task. Immutable and columnar: each user's
 * events lie once, oldest first, and a request holds the index where its history ends.
 *
 * <p>Items are indices into {@link #catalogue}; actions, surfaces and categories are the codes of
 * {@link #schema}.
 */
public final class Examples {
  private final ExampleSchema schema;
  private final Catalogue catalogue;
  private final String name;
  private final String sha256;
  private final String sampler;
  private final List<String> users;
  private final int items;

  private final int[] requestUser;
  private final long[] requestTime;
  private final short[] requestSurface;
  private final float[] requestContext;
  private final int[] historyEnd;
  private final int[] candidateFirst;

  private final int[] candidateItem;
  private final float[] candidateDense;
  private final float[] labels;
  private final float[] bids;

  private final int[] eventFirst;
  private final int[] eventItem;
  private final long[] eventTime;
  private final short[] eventAction;
  private final short[] eventSurface;

  Examples(ExamplesBuilder from, String name, String sha256, String sampler) {
    this.schema = from.schema;
    this.name = name;
    this.sha256 = sha256;
    this.sampler = sampler;
    this.users = from.users;
    this.items = from.catalogue.size();
    this.requestUser = from.requestUser.toArray();
    this.requestTime = from.requestTime.toArray();
    this.requestSurface = from.requestSurface.toArray();
    this.requestContext = from.requestContext.toArray();
    this.candidateFirst = from.candidateFirst.toArray();
    this.candidateItem = from.candidateItem.toArray();
    this.candidateDense = from.candidateDense.toArray();
    this.labels = from.labels.toArray();
    this.bids = from.bids.toArray();
    this.eventFirst = from.eventFirst;
    this.eventItem = from.eventItem.toArray();
    this.eventTime = from.eventTime.toArray();
    this.eventAction = from.eventAction.toArray();
    this.eventSurface = from.eventSurface.toArray();
    this.historyEnd = new int[requestUser.length];
    for (int r = 0; r < historyEnd.length; r++) {
      historyEnd[r] = eventsBefore(requestUser[r], requestTime[r]);
    }
    this.catalogue =
        from.catalogue.restrictedTo(
            IntStream.range(0, items).toArray(), popularity(Long.MAX_VALUE));
  }

  private int eventsBefore(int user, long time) {
    int low = eventFirst[user];
    int high = eventFirst[user + 1];
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (eventTime[middle] < time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Returns the number of events strictly before a time, per item of the catalogue. */
  int[] popularity(long beforeMicros) {
    var counts = new int[items];
    for (int e = 0; e < eventItem.length; e++) {
      if (eventTime[e] < beforeMicros) {
        counts[eventItem[e]]++;
      }
    }
    return counts;
  }

  /** Returns what the log holds. */
  public ExampleSchema schema() {
    return schema;
  }

  /** Returns all items of the log; popularity counts every event of it. */
  public Catalogue catalogue() {
    return catalogue;
  }

  /** Returns the log's name, to be shown. */
  public String name() {
    return name;
  }

  /** Returns the SHA-256 of the log's files, one after the other, as 64 hex digits. */
  public String sha256() {
    return sha256;
  }

  /** Returns how the candidates came about, to be shown beside any quality figure. */
  public String sampler() {
    return sampler;
  }

  /** Returns the number of requests. */
  public int requests() {
    return requestUser.length;
  }

  /** Returns the number of users. */
  public int users() {
    return users.size();
  }

  /** Returns the number of candidates of all requests together. */
  public int candidates() {
    return candidateItem.length;
  }

  /** Returns the index of a request's user, 0..users-1. */
  public int userIndex(int request) {
    return requestUser[request];
  }

  /** Returns a request's user key. */
  public String user(int request) {
    return users.get(requestUser[request]);
  }

  /** Returns the last request of a user; empty when the user has none. */
  public OptionalInt lastRequestOf(String user) {
    for (int r = requests() - 1; r >= 0; r--) {
      if (user(r).equals(user)) {
        return OptionalInt.of(r);
      }
    }
    return OptionalInt.empty();
  }

  /** Returns a request's time in microseconds since 1970. */
  public long timeMicros(int request) {
    return requestTime[request];
  }

  /** Returns a request's surface code. */
  public int surface(int request) {
    return requestSurface[request];
  }

  /** Returns one dense feature of a request. */
  public float contextDense(int request, int feature) {
    return requestContext[request * schema.contextDense().size() + feature];
  }

  /** Returns the number of events of the request's user strictly before its time. */
  public int historyLength(int request) {
    return historyEnd[request] - eventFirst[requestUser[request]];
  }

  /** Returns the item of a history's event; event 0 is the oldest. */
  public int historyItem(int request, int event) {
    return eventItem[event(request, event)];
  }

  /** Returns the action code of a history's event. */
  public int historyAction(int request, int event) {
    return eventAction[event(request, event)];
  }

  /** Returns the surface code of a history's event. */
  public int historySurface(int request, int event) {
    return eventSurface[event(request, event)];
  }

  /** Returns the time of a history's event in microseconds since 1970. */
  public long historyTimeMicros(int request, int event) {
    return eventTime[event(request, event)];
  }

  private int event(int request, int event) {
    if (event < 0 || event >= historyLength(request)) {
      throw new IndexOutOfBoundsException(
          "event %d of %d of request %d".formatted(event, historyLength(request), request));
    }
    return eventFirst[requestUser[request]] + event;
  }

  /** Returns the number m of a request's candidates. */
  public int candidates(int request) {
    return candidateFirst[request + 1] - candidateFirst[request];
  }

  /** Returns a candidate's item. */
  public int candidateItem(int request, int candidate) {
    return candidateItem[candidate(request, candidate)];
  }

  /** Returns one dense feature of a candidate. */
  public float candidateDense(int request, int candidate, int feature) {
    return candidateDense[candidate(request, candidate) * schema.candidateDense().size() + feature];
  }

  /** Returns a candidate's label for a task: 0 to 1, or NaN when there is none. */
  public float label(int request, int candidate, int task) {
    return labels[candidate(request, candidate) * schema.tasks().size() + task];
  }

  /** Returns a candidate's bid. Throws IllegalStateException when the log has none. */
  public float bid(int request, int candidate) {
    if (!schema.bid()) {
      throw new IllegalStateException("log " + name + " has no bid column");
    }
    return bids[candidate(request, candidate)];
  }

  /** Returns the place of a candidate among those of all requests. */
  int candidate(int request, int candidate) {
    if (candidate < 0 || candidate >= candidates(request)) {
      throw new IndexOutOfBoundsException(
          "candidate %d of %d of request %d".formatted(candidate, candidates(request), request));
    }
    return candidateFirst[request] + candidate;
  }

  /** Returns a view of all requests. */
  public View all() {
    return view(0, requests());
  }

  /** Returns a view of the requests from..until-1. */
  View view(int from, int until) {
    return new View(this, IntStream.range(from, until).toArray());
  }

  /**
   * Returns training, validation and test parts by request time. Requests of one time stay
   * together, so each part lies strictly before the next.
   *
   * @param trainFraction in (0, 1]
   * @param validationFraction in [0, 1 - trainFraction]; the rest is the test part
   */
  public Split split(double trainFraction, double validationFraction) {
    return new Split(this, trainFraction, validationFraction);
  }
}

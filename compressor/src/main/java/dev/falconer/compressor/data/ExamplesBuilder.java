package dev.falconer.compressor.data;

import dev.falconer.compressor.data.Numbers.Codes;
import dev.falconer.compressor.data.Numbers.Floats;
import dev.falconer.compressor.data.Numbers.Ints;
import dev.falconer.compressor.data.Numbers.Longs;
import java.util.List;

/**
 * Collects requests in time order (ties in any order) and events by user, then time; both orders
 * are checked. Users and items are given by index. Used once.
 */
final class ExamplesBuilder {
  final ExampleSchema schema;
  final List<String> users;
  final Catalogue catalogue;

  final Ints requestUser = new Ints();
  final Longs requestTime = new Longs();
  final Codes requestSurface = new Codes();
  final Floats requestContext = new Floats();
  final Ints candidateFirst = new Ints();

  final Ints candidateItem = new Ints();
  final Floats candidateDense = new Floats();
  final Floats labels = new Floats();
  final Floats bids = new Floats();

  final int[] eventFirst;
  final Ints eventItem = new Ints();
  final Longs eventTime = new Longs();
  final Codes eventAction = new Codes();
  final Codes eventSurface = new Codes();
  private int eventUser;

  ExamplesBuilder(ExampleSchema schema, List<String> users, Catalogue catalogue) {
    this.schema = schema;
    this.users = List.copyOf(users);
    this.catalogue = catalogue;
    this.eventFirst = new int[users.size() + 1];
  }

  /** Begins a request; its candidates follow. */
  void request(int user, long timeMicros, int surface, float[] context) {
    if (requestTime.size() > 0 && requestTime.last() > timeMicros) {
      throw new IllegalStateException("requests must come in time order");
    }
    if (context.length != schema.contextDense().size()) {
      throw new IllegalArgumentException(
          context.length + " context features for " + schema.contextDense());
    }
    requestUser.add(user);
    requestTime.add(timeMicros);
    requestSurface.add(surface);
    requestContext.addAll(context);
    candidateFirst.add(candidateItem.size());
  }

  /**
   * Adds a candidate to the last request.
   *
   * @param taskLabels [T], NaN where unlabelled
   * @param bid ignored when the schema has none
   */
  void candidate(int item, float[] dense, float[] taskLabels, float bid) {
    if (dense.length != schema.candidateDense().size()
        || taskLabels.length != schema.tasks().size()) {
      throw new IllegalArgumentException(
          "%d dense features for %s, %d labels for %s"
              .formatted(dense.length, schema.candidateDense(), taskLabels.length, schema.tasks()));
    }
    candidateItem.add(item);
    candidateDense.addAll(dense);
    labels.addAll(taskLabels);
    if (schema.bid()) {
      bids.add(bid);
    }
  }

  /** Adds an event to a user's history. */
  void event(int user, int item, long timeMicros, int action, int surface) {
    if (user < eventUser
        || (user == eventUser
            && eventTime.size() > eventFirst[user]
            && eventTime.last() > timeMicros)) {
      throw new IllegalStateException("events must come by user, then time");
    }
    while (eventUser < user) {
      eventFirst[++eventUser] = eventItem.size();
    }
    eventItem.add(item);
    eventTime.add(timeMicros);
    eventAction.add(action);
    eventSurface.add(surface);
  }

  Examples build(String name, String sha256, String sampler) {
    while (eventUser < users.size()) {
      eventFirst[++eventUser] = eventItem.size();
    }
    candidateFirst.add(candidateItem.size());
    return new Examples(this, name, sha256, sampler);
  }
}

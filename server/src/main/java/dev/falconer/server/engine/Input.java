package dev.falconer.server.engine;

import dev.falconer.server.domain.ColumnSpec;
import dev.falconer.server.domain.ModelSpec;
import java.util.ArrayList;
import java.util.List;

/** Where the value of a graph's input comes from; {@code index} counts in the spec's order. */
sealed interface Input {
  String name();

  /** A column of the user's. */
  record User(String name, int index) implements Input {}

  /** The number of history events. */
  record Length(String name) implements Input {}

  /** A column of the candidates'. */
  record Candidate(String name, int index) implements Input {}

  /** A column of the request's. */
  record Context(String name, int index) implements Input {}

  /** A tensor of the user state. */
  record State(String name, int index) implements Input {}

  /** The past of a tensor of the user state. */
  record Past(String name, int index) implements Input {}

  /** Returns where each of the session's inputs comes from. Throws when one comes from nowhere. */
  static List<Input> of(Session session, ModelSpec spec) {
    var inputs = new ArrayList<Input>();
    for (String name : session.inputNames()) {
      var input = find(name, spec);
      if (input == null) {
        throw new GraphException(
            session.file()
                + ": input '"
                + name
                + "' is neither a column nor a state of the manifest: "
                + spec.columns().stream().map(ColumnSpec::name).toList());
      }
      inputs.add(input);
    }
    return List.copyOf(inputs);
  }

  private static @org.jspecify.annotations.Nullable Input find(String name, ModelSpec spec) {
    for (int i = 0; i < spec.state().size(); i++) {
      var state = spec.state().get(i);
      if (state.name().equals(name)) {
        return new State(name, i);
      }
      if (state.pastInput().equals(name)) {
        return new Past(name, i);
      }
    }
    for (var column : spec.columns()) {
      if (column.name().equals(name)) {
        int index = spec.columns(column.role()).indexOf(column);
        return switch (column.role()) {
          case USER -> new User(name, index);
          case LENGTH -> new Length(name);
          case CANDIDATE -> new Candidate(name, index);
          case CONTEXT -> new Context(name, index);
        };
      }
    }
    return null;
  }

  /** Returns the failure of a graph that reads what it can't be given. */
  static GraphException misplaced(Session session, Input input) {
    return new GraphException(
        session.file() + ": input '" + input.name() + "' has no place in this graph");
  }
}

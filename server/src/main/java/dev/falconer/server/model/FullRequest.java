package dev.falconer.server.model;

import dev.falconer.server.domain.Candidates;
import dev.falconer.server.domain.Column;
import dev.falconer.server.domain.ColumnSpec;
import dev.falconer.server.domain.DType;
import dev.falconer.server.domain.History;
import dev.falconer.server.domain.ModelSpec;
import dev.falconer.server.domain.Role;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The longest history that a model reads and so many candidates: rows of the golden requests, over
 * and over, so that ids and features are as they come.
 */
record FullRequest(History history, Candidates candidates) {
  /** Returns a request in memory of an arena. */
  static FullRequest of(Arena arena, ModelSpec spec, GoldenCheck golden, int count) {
    var user = rows(spec, Role.USER, spec.historyMax());
    var candidate = rows(spec, Role.CANDIDATE, count);
    var context = rows(spec, Role.CONTEXT, 1);
    golden.forEach((_, query) -> {
      add(user, query.history().columns());
      add(candidate, query.candidates().columns());
      add(context, query.candidates().context());
    });
    return new FullRequest(
        new History(spec.historyMax(), spec.columns(Role.USER), columns(user, arena)),
        new Candidates(
            count,
            spec.columns(Role.CANDIDATE),
            columns(candidate, arena),
            spec.columns(Role.CONTEXT),
            columns(context, arena),
            MemorySegment.NULL));
  }

  private static List<Rows> rows(ModelSpec spec, Role role, int count) {
    return spec.columns(role).stream()
        .map(column -> new Rows(column, role == Role.USER && !column.isHistory() ? 1 : count))
        .toList();
  }

  private static void add(List<Rows> rows, List<Column> columns) {
    for (int i = 0; i < rows.size(); i++) {
      rows.get(i).add(columns.get(i));
    }
  }

  private static List<Column> columns(List<Rows> rows, Arena arena) {
    return rows.stream().map(each -> each.repeated(arena)).toList();
  }

  /** Rows of one column as they were seen. */
  private static final class Rows {
    private final ColumnSpec spec;
    private final int count;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<String> strings = new ArrayList<>();

    Rows(ColumnSpec spec, int count) {
      this.spec = spec;
      this.count = count;
    }

    void add(Column column) {
      bytes.writeBytes(column.data().toArray(ValueLayout.JAVA_BYTE));
      strings.addAll(List.of(column.strings()));
    }

    /** Returns so many rows; zeros where none was seen. */
    Column repeated(Arena arena) {
      Column column = WarmUp.column(arena, spec, count);
      byte[] seen = bytes.toByteArray();
      if (spec.dtype() == DType.STRING) {
        String[] all = column.strings();
        for (int i = 0; i < all.length && !strings.isEmpty(); i++) {
          all[i] = strings.get(i % strings.size());
        }
      } else {
        MemorySegment all = column.data();
        for (long at = 0; at < all.byteSize() && seen.length > 0; at += seen.length) {
          long length = Math.min(seen.length, all.byteSize() - at);
          MemorySegment.copy(MemorySegment.ofArray(seen), 0, all, at, length);
        }
      }
      return column;
    }
  }
}

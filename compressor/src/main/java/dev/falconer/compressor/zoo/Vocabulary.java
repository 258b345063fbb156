package dev.falconer.compressor.zoo;

import dev.falconer.compressor.data.Catalogue;
import dev.falconer.compressor.onnx.Attribute;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The items a ranker has a row for. Index = place + 1; 0 is the row of unknown items.
 *
 * @param longs the ids when they are int64, else empty
 * @param strings the ids when they are strings, else empty
 * @param categories category code of each item, 0 for unknown; empty when items have none
 */
public record Vocabulary(List<Long> longs, List<String> strings, List<Integer> categories) {
  /** Copies the lists and checks that they fit. */
  public Vocabulary {
    longs = List.copyOf(longs);
    strings = List.copyOf(strings);
    categories = List.copyOf(categories);
    int size = Math.max(longs.size(), strings.size());
    if (!longs.isEmpty() && !strings.isEmpty()) {
      throw new IllegalArgumentException("item ids are int64 or strings, not both");
    }
    if (!categories.isEmpty() && categories.size() != size) {
      throw new IllegalArgumentException(categories.size() + " categories for " + size + " items");
    }
  }

  /** Returns the vocabulary of a catalogue's items, in its order. */
  public static Vocabulary of(Catalogue catalogue) {
    var longs = new ArrayList<Long>();
    var strings = new ArrayList<String>();
    var categories = new ArrayList<Integer>();
    for (int item = 0; item < catalogue.size(); item++) {
      if (catalogue.hasStringIds()) {
        strings.add(catalogue.idText(item));
      } else {
        longs.add(catalogue.id(item));
      }
      categories.add(catalogue.category(item));
    }
    return new Vocabulary(longs, strings, categories);
  }

  /** Returns the vocabulary of the int64 ids 1 to {@code items}, without categories. */
  public static Vocabulary counting(int items) {
    var ids = new ArrayList<Long>();
    for (long id = 1; id <= items; id++) {
      ids.add(id);
    }
    return new Vocabulary(ids, List.of(), List.of());
  }

  /** Returns the number of items. */
  public int size() {
    return Math.max(longs.size(), strings.size());
  }

  /** Returns the attributes of the LabelEncoder that maps ids to indices, unknown ones to 0. */
  Map<String, Attribute> encoder() {
    var indices = new ArrayList<Long>();
    for (long index = 1; index <= size(); index++) {
      indices.add(index);
    }
    return Map.of(
        strings.isEmpty() ? "keys_int64s" : "keys_strings",
        strings.isEmpty() ? new Attribute.IntsAttr(longs) : new Attribute.TextsAttr(strings),
        "values_int64s",
        new Attribute.IntsAttr(indices),
        "default_int64",
        Attribute.of(0L));
  }
}

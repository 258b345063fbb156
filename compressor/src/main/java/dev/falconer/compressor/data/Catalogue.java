package dev.falconer.compressor.data;

import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * The items of a log, by index 0..size-1, ordered by id: their id, category and popularity.
 * Immutable.
 */
public final class Catalogue {
  private final long[] longs;
  private final String[] strings;
  private final boolean hasStringIds;
  private final short[] categories;
  private final int[] popularity;

  private Catalogue(
      long[] longs, String[] strings, boolean hasStringIds, short[] categories, int[] popularity) {
    this.longs = longs;
    this.strings = strings;
    this.hasStringIds = hasStringIds;
    this.categories = categories;
    this.popularity = popularity;
    if (categories.length != size() || popularity.length != size()) {
      throw new IllegalArgumentException(
          "%d ids, %d categories, %d counts"
              .formatted(size(), categories.length, popularity.length));
    }
  }

  static Catalogue ofLongs(long[] ids, short[] categories, int[] popularity) {
    for (int i = 1; i < ids.length; i++) {
      if (ids[i - 1] >= ids[i]) {
        throw new IllegalArgumentException("item ids must ascend: " + ids[i - 1] + ", " + ids[i]);
      }
    }
    return new Catalogue(ids.clone(), new String[0], false, categories, popularity);
  }

  static Catalogue ofStrings(List<String> ids, short[] categories, int[] popularity) {
    String[] strings = ids.toArray(String[]::new);
    for (int i = 1; i < strings.length; i++) {
      if (strings[i - 1].compareTo(strings[i]) >= 0) {
        throw new IllegalArgumentException(
            "item ids must ascend: " + strings[i - 1] + ", " + strings[i]);
      }
    }
    return new Catalogue(new long[0], strings, true, categories, popularity);
  }

  /** Returns the number of items. */
  public int size() {
    return hasStringIds ? strings.length : longs.length;
  }

  /** Returns whether ids are strings; else they are int64. */
  public boolean hasStringIds() {
    return hasStringIds;
  }

  /** Returns the ids as a tensor [items]: int64 or string. */
  public TensorData ids() {
    return hasStringIds
        ? TensorData.strings(Shape.of(strings.length), List.of(strings))
        : TensorData.vector(longs);
  }

  /** Returns the int64 id of an item. Throws IllegalStateException when ids are strings. */
  public long id(int item) {
    if (hasStringIds) {
      throw new IllegalStateException("item ids of this log are strings");
    }
    return longs[item];
  }

  /** Returns the id of an item as text, whatever its type. */
  public String idText(int item) {
    return hasStringIds ? strings[item] : Long.toString(longs[item]);
  }

  /** Returns the index of the item with this id (as text); empty when it isn't in the catalogue. */
  public OptionalInt find(String id) {
    int index;
    if (hasStringIds) {
      index = Arrays.binarySearch(strings, id);
    } else {
      try {
        index = Arrays.binarySearch(longs, Long.parseLong(id));
      } catch (NumberFormatException _) {
        return OptionalInt.empty();
      }
    }
    return index < 0 ? OptionalInt.empty() : OptionalInt.of(index);
  }

  /** Returns the category code of an item (see {@link ExampleSchema#categories}); 0 is unknown. */
  public int category(int item) {
    return categories[item];
  }

  /** Returns the number of events on an item in the part of the log that this catalogue covers. */
  public int popularity(int item) {
    return popularity[item];
  }

  /** Returns the items from the most to the least popular; ties in the order of ids. */
  public int[] byPopularity() {
    return java.util.stream.IntStream.range(0, size())
        .boxed()
        .sorted((a, b) -> Integer.compare(popularity[b], popularity[a]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Returns the catalogue of some of these items (indices ascending) with other counts. */
  Catalogue restrictedTo(int[] items, int[] counts) {
    var chosenCategories = new short[items.length];
    var chosenLongs = new long[hasStringIds ? 0 : items.length];
    var chosenStrings = new String[hasStringIds ? items.length : 0];
    for (int i = 0; i < items.length; i++) {
      chosenCategories[i] = categories[items[i]];
      if (hasStringIds) {
        chosenStrings[i] = strings[items[i]];
      } else {
        chosenLongs[i] = longs[items[i]];
      }
    }
    return new Catalogue(chosenLongs, chosenStrings, hasStringIds, chosenCategories, counts);
  }
}

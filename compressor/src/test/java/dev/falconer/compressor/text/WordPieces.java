package dev.falconer.compressor.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Byte-pair encoding of words (arXiv 1508.07909): from single characters on, the two neighbours
 * that stand together most often in the training words become one piece. A word's last character is
 * another piece than the same one inside a word.
 */
final class WordPieces {
  private static final String CHARACTERS = "abcdefghijklmnopqrstuvwxyz'-,;:.";
  private static final int LEAST_COUNT = 3;

  private final int size;
  private final Map<Long, Integer> merges = new HashMap<>();
  private final Map<String, int[]> known = new HashMap<>();

  /** Learns at most {@code size} pieces. */
  WordPieces(List<String> sentences, int size) {
    this.size = size;
    Map<String, Integer> words = new LinkedHashMap<>();
    for (String sentence : sentences) {
      for (String word : sentence.split(" ", -1)) {
        words.merge(word, 1, Integer::sum);
      }
    }
    words.values().removeIf(count -> count < LEAST_COUNT);
    learn(words);
  }

  /** Returns the pieces of sentences, one after the other. */
  int[] encode(List<String> sentences) {
    var pieces = java.util.stream.IntStream.builder();
    for (String sentence : sentences) {
      for (String word : sentence.split(" ", -1)) {
        for (int piece : known.computeIfAbsent(word, this::pieces)) {
          pieces.add(piece);
        }
      }
    }
    return pieces.build().toArray();
  }

  private void learn(Map<String, Integer> words) {
    var pieces = new ArrayList<int[]>();
    var counts = new ArrayList<Integer>();
    var pairs = new long[size * size];
    words.forEach((word, count) -> {
      pieces.add(characters(word));
      counts.add(count);
      count(pairs, pieces.getLast(), count);
    });
    for (int next = 2 * CHARACTERS.length(); next < size; next++) {
      int best = 0;
      for (int i = 1; i < pairs.length; i++) {
        if (pairs[i] > pairs[best]) {
          best = i;
        }
      }
      if (pairs[best] <= 0) {
        return;
      }
      int first = best / size;
      int second = best % size;
      merges.put(key(first, second), next);
      for (int w = 0; w < pieces.size(); w++) {
        int[] before = pieces.get(w);
        int[] after = merged(before, first, second, next);
        if (after.length < before.length) {
          count(pairs, before, -counts.get(w));
          count(pairs, after, counts.get(w));
          pieces.set(w, after);
        }
      }
    }
  }

  private void count(long[] pairs, int[] word, int times) {
    for (int i = 1; i < word.length; i++) {
      pairs[word[i - 1] * size + word[i]] += times;
    }
  }

  /** Returns a word's pieces: the neighbours that were merged first, first. */
  private int[] pieces(String word) {
    int[] pieces = characters(word);
    while (true) {
      int least = Integer.MAX_VALUE;
      int at = -1;
      for (int i = 1; i < pieces.length; i++) {
        int merge = merges.getOrDefault(key(pieces[i - 1], pieces[i]), Integer.MAX_VALUE);
        if (merge < least) {
          least = merge;
          at = i;
        }
      }
      if (at < 0) {
        return pieces;
      }
      pieces = merged(pieces, pieces[at - 1], pieces[at], least);
    }
  }

  private static int[] characters(String word) {
    var pieces = new int[word.length()];
    for (int i = 0; i < pieces.length; i++) {
      int character = CHARACTERS.indexOf(word.charAt(i));
      if (character < 0) {
        throw new IllegalArgumentException(
            "\"%s\" holds a character that is none of %s".formatted(word, CHARACTERS));
      }
      pieces[i] = i + 1 < pieces.length ? character : CHARACTERS.length() + character;
    }
    return pieces;
  }

  private static int[] merged(int[] word, int first, int second, int piece) {
    int length = 0;
    var result = new int[word.length];
    for (int i = 0; i < word.length; i++) {
      if (i + 1 < word.length && word[i] == first && word[i + 1] == second) {
        result[length++] = piece;
        i++;
      } else {
        result[length++] = word[i];
      }
    }
    return length == word.length ? word : java.util.Arrays.copyOf(result, length);
  }

  private static long key(int first, int second) {
    return ((long) first << 32) | second;
  }
}

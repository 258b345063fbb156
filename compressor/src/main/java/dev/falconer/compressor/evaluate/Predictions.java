package dev.falconer.compressor.evaluate;

import dev.falconer.compressor.data.Batch;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;

/**
 * A model's scores beside the labels, one row per candidate that has a label for a task. Rows are
 * ordered by request whatever the order of the batches, so that two models' rows match.
 */
public final class Predictions {
  private final List<String> tasks;
  private final int users;
  private final List<Rows> rows;

  private Predictions(List<String> tasks, int users, List<Rows> rows) {
    this.tasks = List.copyOf(tasks);
    this.users = users;
    this.rows = List.copyOf(rows);
  }

  /** Returns the tasks' names. */
  public List<String> tasks() {
    return tasks;
  }

  /** Returns the number of users that have a row. */
  public int users() {
    return users;
  }

  /** Returns a task's rows. */
  Rows rows(int task) {
    return rows.get(task);
  }

  /** Rows of one task: parallel columns of equal length. */
  static final class Rows {
    /** Index of the user among those that have a row, in the order of their numbers. */
    final int[] user;

    /** Index of the request; rows of one request stand together. */
    final int[] slate;

    final float[] score;
    final boolean[] positive;

    /** Events of the item in training. */
    final float[] popularity;

    private Rows(int[] user, int[] slate, float[] score, boolean[] positive, float[] popularity) {
      this.user = user;
      this.slate = slate;
      this.score = score;
      this.positive = positive;
      this.popularity = popularity;
    }

    int size() {
      return user.length;
    }

    /** Throws when the other rows are not the same candidates with the same labels. */
    void checkSame(Rows other) {
      if (!Arrays.equals(user, other.user)
          || !Arrays.equals(slate, other.slate)
          || !Arrays.equals(positive, other.positive)) {
        throw new IllegalArgumentException(
            "the models were scored on different rows: %d and %d".formatted(size(), other.size()));
      }
    }
  }

  /** Gathers rows from batches. */
  public static final class Builder {
    private final List<String> tasks;
    private final IntUnaryOperator userOfRequest;
    private final IntBinaryOperator popularity;
    private final List<Columns> columns = new ArrayList<>();
    private final TreeSet<Integer> users = new TreeSet<>();

    /**
     * Starts without rows.
     *
     * @param tasks names along the last axis of labels and scores
     * @param userOfRequest gives a number of the user of a request's index ({@link
     *     Batch#requests()})
     * @param popularity gives an item's number of events in training, of a request and a candidate
     *     of it
     */
    public Builder(
        List<String> tasks, IntUnaryOperator userOfRequest, IntBinaryOperator popularity) {
      this.tasks = List.copyOf(tasks);
      this.userOfRequest = userOfRequest;
      this.popularity = popularity;
      tasks.forEach(_ -> columns.add(new Columns()));
    }

    /**
     * Adds a batch's labelled candidates.
     *
     * @param scores probabilities [B, m, T]
     */
    public void add(Batch batch, NumericTensor scores) {
      Shape shape = batch.labels().shape();
      if (!scores.shape().equals(shape) || shape.dim(-1) != tasks.size()) {
        throw new IllegalArgumentException(
            "scores %s for labels %s of tasks %s".formatted(scores.shape(), shape, tasks));
      }
      int slate = (int) shape.dim(1);
      float[] score = scores.toFloats();
      float[] label = batch.labels().toFloats();
      float[] mask = batch.labelMask().toFloats();
      for (int i = 0; i < score.length; i++) {
        if (mask[i] != 0) {
          int candidate = i / tasks.size();
          int request = batch.requests().get(candidate / slate);
          int user = userOfRequest.applyAsInt(request);
          users.add(user);
          int task = i % tasks.size();
          int popular = popularity.applyAsInt(request, candidate % slate);
          columns.get(task).add(user, request, score[i], label[i] > .5f, popular);
        }
      }
    }

    /** Returns the rows so far. */
    public Predictions build() {
      // Users without rows are not numbered: drawn, they would only add noise to the resamples.
      Map<Integer, Integer> index = new HashMap<>();
      users.forEach(user -> index.put(user, index.size()));
      return new Predictions(
          tasks, index.size(), columns.stream().map(each -> each.rows(index)).toList());
    }
  }

  private static final class Columns {
    private int[] user = new int[1024];
    private int[] slate = new int[1024];
    private float[] score = new float[1024];
    private boolean[] positive = new boolean[1024];
    private float[] popularity = new float[1024];
    private int size;

    void add(int aUser, int aSlate, float aScore, boolean isPositive, float itsPopularity) {
      if (size == user.length) {
        resize(2 * size);
      }
      user[size] = aUser;
      slate[size] = aSlate;
      score[size] = aScore;
      positive[size] = isPositive;
      popularity[size++] = itsPopularity;
    }

    Rows rows(Map<Integer, Integer> index) {
      var order = new long[size];
      for (int i = 0; i < size; i++) {
        order[i] = ((long) slate[i] << 32) | i;
      }
      Arrays.sort(order);
      var sorted = new Columns();
      for (long key : order) {
        int i = (int) key;
        sorted.add(index.getOrDefault(user[i], -1), slate[i], score[i], positive[i], popularity[i]);
      }
      sorted.resize(size);
      return new Rows(sorted.user, sorted.slate, sorted.score, sorted.positive, sorted.popularity);
    }

    private void resize(int length) {
      user = Arrays.copyOf(user, length);
      slate = Arrays.copyOf(slate, length);
      score = Arrays.copyOf(score, length);
      positive = Arrays.copyOf(positive, length);
      popularity = Arrays.copyOf(popularity, length);
    }
  }
}

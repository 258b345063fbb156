package dev.falconer.compressor.solver;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rounds fractional masks of many blocks at once to exactly N kept in every row and column:
 * greedily, then by filling what greed left open. Source: TSENOR (arXiv 2505.23949), algorithm 2,
 * which stops at exchanges that gain; here a row and a column that hold too few always get their
 * weight, directly or by the best exchange even if it loses, so that the masks end regular.
 *
 * <p>Why one of the two is always possible: let (i, j) be held already and no exchange be possible.
 * Then every column outside row i's set is held by none but rows of column j's set's complement, of
 * which there are too few to fill it; so that column and those rows all hold too few, and greed
 * would not have left their common cell free.
 */
final class BatchRounding {
  /** Less than any exchange's gain. */
  private static final double NEVER = -1e30;

  private BatchRounding() {}

  /**
   * Returns masks [blocks, M, M] of 1 and 0.
   *
   * @param order [blocks, M, M]; greed takes the largest first
   * @param scores [blocks, M, M]; exchanges gain in these
   */
  static Tensor round(Tensor order, Tensor scores, int kept) {
    Tensor mask = greedy(order, kept);
    fill(mask, scores, kept);
    return mask;
  }

  /** Returns the largest first, each where its row and its column hold fewer than N. */
  static Tensor greedy(Tensor order, int kept) {
    long blocks = order.size(0);
    long group = order.size(1);
    Tensor mask = torch.zeros_like(order);
    Tensor flat = mask.view(blocks, group * group);
    Tensor rows = torch.zeros_like(order.select(1, 0));
    Tensor columns = torch.zeros_like(rows);
    Tensor ranked = order.reshape(blocks, group * group).argsort(true, 1, true);
    Tensor ofRow = ranked.floor_divide(new Scalar(group));
    Tensor ofColumn = ranked.remainder(new Scalar(group));
    var most = new Scalar(kept);
    for (long rank = 0; rank < group * group; rank++) {
      try (var _ = new PointerScope()) {
        Tensor row = ofRow.narrow(1, rank, 1);
        Tensor column = ofColumn.narrow(1, rank, 1);
        Tensor fits =
            rows.gather(1, row)
                .lt(most)
                .logical_and(columns.gather(1, column).lt(most))
                .to(ScalarType.Float);
        rows.scatter_add_(1, row, fits);
        columns.scatter_add_(1, column, fits);
        flat.scatter_(1, ranked.narrow(1, rank, 1), fits);
      }
    }
    return mask;
  }

  /** Fills rows and columns that hold too few, one each per block and round. */
  private static void fill(Tensor mask, Tensor scores, int kept) {
    long group = mask.size(1);
    while (true) {
      try (var _ = new PointerScope()) {
        Tensor rowWants = mask.sum(2).neg().add(new Scalar(kept));
        Tensor open = rowWants.amax(new long[] {1}, false).gt(new Scalar(0)).nonzero().view(-1);
        if (open.numel() == 0) {
          return;
        }
        Tensor masks = mask.index_select(0, open);
        Tensor values = scores.index_select(0, open);
        Tensor row = rowWants.index_select(0, open).argmax(new LongOptional(1), true);
        Tensor column = masks.sum(1).argmin(new LongOptional(1), true);
        mask.index_copy_(0, open, exchanged(masks, values, row, column, group));
      }
    }
  }

  /**
   * Returns the masks with row i and column j of each block holding one more: (i, j) itself, or (i,
   * j') and (i', j) in place of a held (i', j'), whichever gains more.
   */
  private static Tensor exchanged(
      Tensor mask, Tensor scores, Tensor row, Tensor column, long group) {
    long blocks = mask.size(0);
    Tensor alongRow = row.unsqueeze(2).expand(blocks, 1, group);
    Tensor alongColumn = column.unsqueeze(1).expand(blocks, group, 1);
    Tensor rowMask = mask.gather(1, alongRow); // [blocks, 1, j']
    Tensor columnMask = mask.gather(2, alongColumn); // [blocks, i', 1]
    Tensor gain = scores.gather(1, alongRow).add(scores.gather(2, alongColumn)).sub(scores);
    Tensor barred =
        rowMask
            .gt(new Scalar(.5))
            .logical_or(columnMask.gt(new Scalar(.5)))
            .logical_or(mask.lt(new Scalar(.5)));
    Tensor flatGain = gain.masked_fill(barred, new Scalar(NEVER)).view(blocks, group * group);
    Tensor cell = row.mul(new Scalar(group)).add(column);
    Tensor flatMask = mask.reshape(blocks, group * group).clone();
    Tensor direct =
        scores
            .reshape(blocks, group * group)
            .gather(1, cell)
            .masked_fill(flatMask.gather(1, cell).gt(new Scalar(.5)), new Scalar(2 * NEVER));
    Tensor best = flatGain.argmax(new LongOptional(1), true);
    Tensor isDirect = direct.ge(flatGain.gather(1, best));
    Tensor swap = isDirect.logical_not().to(ScalarType.Float);
    Tensor otherRow = best.floor_divide(new Scalar(group));
    Tensor otherColumn = best.remainder(new Scalar(group));
    flatMask.scatter_add_(1, cell, isDirect.to(ScalarType.Float));
    flatMask.scatter_add_(1, row.mul(new Scalar(group)).add(otherColumn), swap);
    flatMask.scatter_add_(1, otherRow.mul(new Scalar(group)).add(column), swap);
    flatMask.scatter_add_(1, best, swap.neg());
    return flatMask.view(blocks, group, group);
  }
}

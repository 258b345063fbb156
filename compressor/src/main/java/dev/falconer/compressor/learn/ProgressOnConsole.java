package dev.falconer.compressor.learn;

import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar with the running loss and the last normalised entropy. */
final class ProgressOnConsole implements Progress {
  /** Smoothing of the shown loss: about the last 50 steps. */
  private static final double KEEP = .98;

  private final ProgressBar bar;
  private double loss = Double.NaN;
  private String entropy = "";

  ProgressOnConsole(String task, int steps) {
    bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(steps)
            .setStyle(ProgressBarStyle.ASCII)
            .setMaxRenderedLength(100)
            .setUpdateIntervalMillis(500)
            .build();
  }

  @Override
  public void step(int done, double stepLoss) {
    loss = Double.isNaN(loss) ? stepLoss : KEEP * loss + (1 - KEEP) * stepLoss;
    bar.stepTo(done);
    if (Double.isNaN(loss)) {
      return;
    }
    bar.setExtraMessage(String.format(Locale.ROOT, " loss %.4f%s", loss, entropy));
  }

  @Override
  public void evaluated(TrainingLog.Evaluation evaluation) {
    entropy = String.format(Locale.ROOT, ", held-out NE %.4f", evaluation.normalizedEntropy());
  }

  @Override
  public void close() {
    bar.close();
  }
}

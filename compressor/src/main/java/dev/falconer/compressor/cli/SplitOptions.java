package dev.falconer.compressor.cli;

import dev.falconer.compressor.data.Examples;
import dev.falconer.compressor.data.Split;
import dev.falconer.compressor.data.View;
import java.util.Locale;
import picocli.CommandLine.Option;

/** How a log is cut by time; mixed into the commands that train or judge, so that they agree. */
final class SplitOptions {
  @Option(
      names = "--split",
      defaultValue = "75/10/15",
      paramLabel = "T/V/E",
      description =
          "shares of the requests by time: to train on, to stop early on, to judge on (default"
              + " ${DEFAULT-VALUE})")
  String shares = "75/10/15";

  /** Part of a log. */
  enum Part {
    TRAIN,
    VALIDATION,
    TEST,
    ALL
  }

  /** Returns the log's parts. */
  Split of(Examples examples) {
    String[] parts = shares.split("/", -1);
    try {
      if (parts.length == 3) {
        double train = Double.parseDouble(parts[0]);
        double validation = Double.parseDouble(parts[1]);
        double all = train + validation + Double.parseDouble(parts[2]);
        return examples.split(train / all, validation / all);
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(message(), e);
    }
    throw new IllegalArgumentException(message());
  }

  private String message() {
    return "--split \"" + shares + "\": want three shares such as 75/10/15";
  }

  /** Returns one part. */
  static View part(Split split, Part part) {
    View view =
        switch (part) {
          case TRAIN -> split.train();
          case VALIDATION -> split.validation();
          case TEST -> split.test();
          case ALL -> split.test().examples().all();
        };
    if (view.size() == 0) {
      throw new IllegalArgumentException(
          "the %s part of the log is empty; give it a larger share by --split"
              .formatted(part.name().toLowerCase(Locale.ROOT)));
    }
    return view;
  }
}

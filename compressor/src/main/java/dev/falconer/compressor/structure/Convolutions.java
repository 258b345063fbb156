package dev.falconer.compressor.structure;

/** Operators on [batch, channels, ...]. */
final class Convolutions {
  private static final int CHANNELS = 1;

  private Convolutions() {}

  static void conv(Touch touch) {
    long groups = touch.node().intAttribute("group", 1);
    if (!touch.isOutput() && (touch.slot() == 1 || touch.slot() == 2)) {
      weight(touch, groups);
      return;
    }
    if (touch.axis() == 0) {
      touch.through(0, 0);
      touch.input(3, 0, touch.groups());
      return;
    }
    requireChannels(touch);
    boolean isDepthwise =
        groups > 1 && groups == touch.in(0).dim(CHANNELS) && groups == touch.out(0).dim(CHANNELS);
    if (isDepthwise) {
      touch.through(CHANNELS, CHANNELS);
      outputs(touch);
      touch.change(new Change.Numbers(touch.node().name(), "group", touch.groups()));
    } else if (groups != 1) {
      throw touch.refuse("convolves in " + groups + " groups");
    } else if (touch.isOutput() || touch.slot() == 3) {
      touch.produced(touch.groups());
      outputs(touch);
      touch.output(0, CHANNELS, touch.groups());
    } else {
      Products.consumed(touch, CHANNELS);
    }
  }

  /** The weight or the bias came from constants through other nodes. */
  private static void weight(Touch touch, long groups) {
    if (touch.axis() == 0) {
      touch.output(0, CHANNELS, touch.groups());
    } else if (groups != 1 || !touch.isConsumer()) {
      throw touch.refuse("sums over them");
    }
  }

  private static void outputs(Touch touch) {
    touch.input(1, 0, touch.groups());
    touch.input(2, 0, touch.groups());
    touch.input(3, CHANNELS, touch.groups());
  }

  private static void requireChannels(Touch touch) {
    if (touch.axis() != CHANNELS) {
      throw touch.refuse("slides along them");
    }
  }

  static void pool(Touch touch) {
    if (touch.axis() > CHANNELS) {
      throw touch.refuse("pools over them");
    }
    touch.onlyFirstOutput();
    touch.through(touch.axis(), touch.axis());
  }

  static void batchNorm(Touch touch) {
    touch.onlyFirstOutput();
    boolean isParameter = !touch.isOutput() && touch.slot() > 0;
    int axis = isParameter ? CHANNELS : touch.axis();
    touch.through(axis, axis);
    if (axis == CHANNELS) {
      for (int i = 1; i < touch.node().inputs().size(); i++) {
        touch.input(i, 0, touch.groups());
      }
    }
  }

  static void instanceNorm(Touch touch) {
    boolean isParameter = !touch.isOutput() && touch.slot() > 0;
    if (!isParameter && touch.axis() > CHANNELS) {
      throw touch.refuse("normalises over them");
    }
    batchNorm(touch);
  }

  static void resize(Touch touch) {
    int axis = touch.axis();
    if (touch.in(0).dim(axis) != touch.out(0).dim(axis) || touch.in(0).rank() <= axis) {
      throw touch.refuse("stretches them");
    }
    touch.through(axis, axis);
    if (touch.has(3)) {
      if (touch.node().attributes().containsKey("axes")) {
        throw touch.refuse("names its axes");
      }
      Lengths.count(touch, 3, axis, touch.groups());
    }
  }
}

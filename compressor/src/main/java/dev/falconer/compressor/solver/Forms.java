package dev.falconer.compressor.solver;

import java.util.regex.Pattern;

/** The forms of texts that name a {@link dev.falconer.compressor.solver.Pattern}. */
final class Forms {
  private static final String NUMBER = "(\\d+(?:\\.\\d+)?|\\.\\d+)";

  static final Pattern SHARE = Pattern.compile("(\\d+):(\\d+)(t?)");
  static final Pattern PERCENT = Pattern.compile(NUMBER + "%(row|layer|)");
  static final Pattern PANEL = Pattern.compile("panel(\\d+)(?:x(\\d+))?@" + NUMBER);
  static final Pattern BLOCK = Pattern.compile("block(\\d+)x(\\d+)@" + NUMBER);

  private Forms() {}
}

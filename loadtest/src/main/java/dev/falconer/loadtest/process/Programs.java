package dev.falconer.loadtest.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The launcher, by which one program starts another.
 *
 * @param launcher the script {@code falconer}
 */
public record Programs(Path launcher) {
  /** Returns the launcher that started this program. */
  public static Programs ofEnvironment() {
    var home = System.getenv("FALCONER_HOME");
    if (home == null) {
      throw new IllegalStateException(
          "FALCONER_HOME is not set: start this command through ./falconer, it starts others");
    }
    var launcher = Path.of(home, "falconer");
    if (!Files.isExecutable(launcher)) {
      throw new IllegalStateException(launcher + " is not there or can't be executed");
    }
    return new Programs(launcher);
  }

  /** Returns the whole command line of one command. */
  public List<String> line(List<String> command) {
    var line = new ArrayList<String>();
    line.add(launcher.toString());
    line.addAll(command);
    return line;
  }

  /** Returns a command line as one would type it. */
  public static String shown(List<String> command) {
    var text = new StringBuilder("falconer");
    for (var word : command) {
      text.append(' ')
          .append(
              word.matches("[A-Za-z0-9_@%+=:,./-]+")
                  ? word
                  : "'" + word.replace("'", "'\\''") + "'");
    }
    return text.toString();
  }
}

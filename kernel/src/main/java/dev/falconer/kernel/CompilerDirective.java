package dev.falconer.kernel;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Keeps the first of Java's two compilers from generated code, once for the program.
 *
 * <p>It can't compile methods this large with a profile ("out of virtual registers in LIR
 * generator"). If it compiled one without before, as it does while the second compiler is busy, the
 * method never gets the profile that the second wants, and stays 200 times slower for ever.
 * Interpreted methods have a profile.
 */
final class CompilerDirective {
  private static final String MODULE = "jdk.management";

  private CompilerDirective() {}

  /**
   * Adds the directive.
   *
   * @param prefix what the names of generated classes begin with
   * @return why it can't be added and what that means; empty when it was
   */
  static Optional<String> add(String prefix) {
    return missing("[{match: \"%s*.*\", c1: {Exclude: true}}]".formatted(prefix.replace('.', '/')))
        .map(why ->
            why
                + "; generated code that Java's first compiler takes while the second is busy can"
                + " stay slow");
  }

  private static Optional<String> missing(String directive) {
    // A runtime made by jlink may lack it, and with it all that is used below.
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return Optional.of("this Java runtime lacks module " + MODULE);
    }
    try {
      Path file = Files.createTempFile("falconer", ".json");
      try {
        Files.writeString(file, directive);
        String said =
            (String)
                ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "compilerDirectivesAdd",
                        new Object[] {new String[] {file.toString()}},
                        new String[] {String[].class.getName()});
        return said.contains("1 compiler directives added")
            ? Optional.empty()
            : Optional.of("compiler directive " + directive + ": " + said.strip());
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException | JMException e) {
      return Optional.of("compiler directive " + directive + ": " + e);
    }
  }
}

package dev.falconer.kernel;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
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
  private CompilerDirective() {}

  /**
   * Adds the directive.
   *
   * @param prefix what the names of generated classes begin with
   * @throws IllegalStateException when this Java has no such directives
   */
  static void add(String prefix) {
    String directive =
        "[{match: \"%s*.*\", c1: {Exclude: true}}]".formatted(prefix.replace('.', '/'));
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
        if (!said.contains("1 compiler directives added")) {
          throw new IllegalStateException("compiler directive " + directive + ": " + said);
        }
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException | JMException e) {
      throw new IllegalStateException("compiler directive " + directive, e);
    }
  }
}

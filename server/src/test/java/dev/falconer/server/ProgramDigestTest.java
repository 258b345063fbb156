package dev.falconer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramDigestTest {
  @TempDir Path folder;

  @Test
  void anotherByteOrNameIsAnotherProgram() throws IOException {
    Path jar = Files.writeString(folder.resolve("a.jar"), "jar");
    Path classes = Files.createDirectories(folder.resolve("classes/deep"));
    Path file = Files.writeString(classes.resolve("A.class"), "A");
    var program = List.of(jar, folder.resolve("classes"));
    String first = ProgramDigest.of(program);

    assertEquals(first, ProgramDigest.of(program));
    Files.writeString(file, "B");
    String changed = ProgramDigest.of(program);
    Files.move(file, classes.resolve("B.class"));
    String renamed = ProgramDigest.of(program);
    Files.writeString(jar, "rebuilt");

    assertNotEquals(first, changed);
    assertNotEquals(changed, renamed);
    assertNotEquals(renamed, ProgramDigest.of(program));
  }
}

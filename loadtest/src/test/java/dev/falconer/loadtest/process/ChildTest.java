package dev.falconer.loadtest.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildTest {
  @TempDir private Path folder;
  private Programs programs = new Programs(Path.of("falconer"));

  @BeforeEach
  void writeLauncher() throws Exception {
    var script =
        Files.writeString(
            folder.resolve("falconer"),
            """
            #!/usr/bin/env bash
            case "$1" in
              say) for i in $(seq 1 "$2"); do echo "line $i"; done; exit "$3" ;;
              wait) echo up; exec sleep 600 ;;
            esac
            """);
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    programs = new Programs(script);
  }

  @Test
  void streamsLinesKeepsTheLastAndTellsTheCode() throws Exception {
    var lines = new ConcurrentLinkedQueue<String>();
    try (var child = Child.start(programs, List.of("say", "100", "3"), lines::add)) {
      assertEquals(3, child.await());
      assertEquals(100, lines.size());
      assertEquals("line 100", child.lastLines().getLast());
      assertEquals(20, child.lastLines().size());
    }
  }

  @Test
  void endsTheProcessWhenClosed() throws Exception {
    var up = new CountDownLatch(1);
    var child = Child.start(programs, List.of("wait"), _ -> up.countDown());
    assertTrue(up.await(30, TimeUnit.SECONDS));

    child.close();

    assertFalse(child.isAlive());
  }

  @Test
  void tellsWhyAServerDidNotStart() throws Exception {
    int port = ServerProcess.freePort();

    var failure =
        assertThrows(
            ChildException.class,
            () -> ServerProcess.start(programs, List.of("say", "2", "7"), port, _ -> {}));

    assertEquals(7, failure.code());
    assertTrue(failure.toString().contains("line 2"), failure.toString());
  }

  @Test
  void showsCommandsAsOneWouldTypeThem() {
    assertEquals(
        "falconer rank --weights click=1,like=.5 --user 'it'\\''s me'",
        Programs.shown(List.of("rank", "--weights", "click=1,like=.5", "--user", "it's me")));
  }
}

package dev.falconer.server.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.falconer.bundle.GoldenFile;
import dev.falconer.bundle.ManifestFile;
import dev.falconer.kernel.Isa;
import dev.falconer.server.domain.Binder;
import dev.falconer.server.domain.ExecutedBy;
import dev.falconer.server.engine.OrtEngine;
import dev.falconer.server.fixture.TinyBundle;
import dev.falconer.server.fixture.TinyVariant;
import dev.falconer.server.fixture.TinyVariant.Product;
import dev.falconer.server.memory.Slabs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenedTest {
  @TempDir Path folder;

  @Test
  void variantsThatAreNotServedAreClosedAndTheServedOneIsNot() throws IOException {
    Path bundle =
        TinyBundle.feed(1).with(0, new TinyVariant("other", Product.DENSE, 1)).write(folder);
    var manifest = ManifestFile.read(bundle);
    var spec = SpecReader.read(manifest, OptionalInt.empty());
    var slabs = new Slabs(0);
    var version = new VersionFolder(new OrtEngine(Isa.JAVA), slabs, bundle, manifest, spec);
    var golden =
        new GoldenCheck(
            spec, GoldenFile.read(bundle.resolve(GoldenFile.NAME)), new Binder(spec, 100), slabs);
    try (var opened = new Opened()) {
      var shared = version.open(opened);
      var variants =
          version.variants().stream()
              .map(each -> version.open(each, ExecutedBy.ONNX_RUNTIME, shared, opened))
              .toList();

      opened.keepOnly(variants.getLast());

      assertEquals(0, golden.check(variants.getLast(), 0), 1e-6);
      golden.checkWhole(shared);
      var closed =
          assertThrows(IllegalStateException.class, () -> golden.check(variants.getFirst(), 0));
      assertEquals("Trying to score a closed OrtSession.", closed.getMessage());
    }
  }
}

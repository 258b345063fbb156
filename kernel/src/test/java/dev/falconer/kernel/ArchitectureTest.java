package dev.falconer.kernel;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final String ROOT = "dev.falconer.kernel";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void theKernelsSeeThePackedWeightsAloneOfOurs() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.falconer.compressor..",
            "dev.falconer.server..",
            "dev.falconer.client..",
            "dev.falconer.v1..",
            "dev.falconer.bundle..")
        .check(CLASSES);
  }

  @Test
  void theKernelsDoNotSeeTheirBenchmarks() {
    noClasses()
        .that()
        .resideInAPackage(ROOT)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + ".bench..")
        .check(CLASSES);
  }
}

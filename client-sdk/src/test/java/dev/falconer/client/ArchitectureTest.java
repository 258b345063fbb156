package dev.falconer.client;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.falconer.client");

  @Test
  void hasNoCycles() {
    slices().matching("dev.falconer.(**)").should().beFreeOfCycles().check(classes);
  }

  @Test
  void knowsNoOtherProgram() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.falconer.server..", "dev.falconer.compressor..", "dev.falconer.loadtest..")
        .check(classes);
  }
}

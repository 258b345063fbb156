package dev.falconer.loadtest;

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
          .importPackages("dev.falconer.loadtest");

  @Test
  void hasNoCycles() {
    slices().matching("dev.falconer.loadtest.(*)..").should().beFreeOfCycles().check(classes);
  }

  @Test
  void startsTheOtherProgramsAndImportsNone() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.falconer.server..", "dev.falconer.compressor..")
        .check(classes);
  }

  @Test
  void runsOnnxRuntimeOnlyBare() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.falconer.loadtest.bare")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.onnxruntime..")
        .check(classes);
  }

  @Test
  void callsCommandsFromTheEntryPointAlone() {
    noClasses()
        .that()
        .resideInAPackage("dev.falconer.loadtest.*..")
        .and()
        .resideOutsideOfPackage("dev.falconer.loadtest.cli")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.falconer.loadtest.cli")
        .check(classes);
  }
}

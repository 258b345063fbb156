package dev.falconer.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The import rules that keep one kind of change in one folder. */
class ArchitectureTest {
  private static final String ROOT = "dev.falconer.server";
  private static final JavaClasses SERVER =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void packagesHaveNoCycles() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(SERVER);
  }

  @Test
  void domainAndMemoryDependOnJavaAlone() {
    classes()
        .that()
        .resideInAPackage(ROOT + ".domain..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "org.jspecify..", ROOT + ".domain..")
        .check(SERVER);
    classes()
        .that()
        .resideInAPackage(ROOT + ".memory..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "org.jspecify..", ROOT + ".memory..")
        .check(SERVER);
  }

  @Test
  void onlyRpcUsesGrpc() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".rpc..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.grpc..")
        .check(SERVER);
  }

  @Test
  void onlyEngineUsesOnnxRuntime() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".engine..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.onnxruntime..")
        .check(SERVER);
  }

  @Test
  void onlyEngineComputesByKernels() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".*..")
        .and()
        .resideOutsideOfPackage(ROOT + ".engine..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.falconer.kernel..")
        .check(SERVER);
  }

  @Test
  void choiceReceivesTheGraphsAsFunctions() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".choice..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + ".engine..", ROOT + ".model..")
        .check(SERVER);
  }

  @Test
  void stateAndBatchReceiveTheEngineAsFunctions() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + ".state..", ROOT + ".batch..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + ".engine..", ROOT + ".model..")
        .check(SERVER);
  }

  @Test
  void onlyTheProgramWires() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT)
        .check(SERVER);
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("picocli..")
        .check(SERVER);
  }

  @Test
  void theCompressorIsNotHere() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.falconer.compressor..", "dev.falconer.client..")
        .check(SERVER);
  }
}

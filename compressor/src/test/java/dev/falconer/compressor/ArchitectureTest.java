package dev.falconer.compressor;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final String ROOT = "dev.falconer.compressor";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void packagesFormNoCycles() {
    check(slices().matching(ROOT + ".(*)..").should().beFreeOfCycles());
  }

  @Test
  void onlyTheReaderAndTheWriterKnowTheFormatOfModelFiles() {
    onlyUsersOf("ai.onnx.proto..", ".onnx");
  }

  @Test
  void onlyEvaluateRunsOnnxRuntime() {
    onlyUsersOf("ai.onnxruntime..", ".evaluate");
    onlyUsersOf("dev.falconer.kernel..", ".evaluate");
  }

  @Test
  void onlyTheTensorPackagesKnowLibtorch() {
    onlyUsersOf(
        "org.bytedeco..", ".execute", ".learn", ".calibrate", ".solver", ".network", ".quantize");
  }

  @Test
  void onlyDataReadsThroughDuckDb() {
    onlyUsersOf("org.duckdb..", ".data");
  }

  @Test
  void onlyPicturesAreLaidOut() {
    onlyUsersOf("org.eclipse..", ".picture");
  }

  @Test
  void solversAreFunctionsOfMatrices() {
    check(
        classes()
            .that()
            .resideInAPackage(ROOT + ".solver..")
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage(
                    ROOT + ".solver..", "java..", "org.bytedeco..", "org.jspecify..")));
  }

  @Test
  void nobodySeesTheRecipesOrTheCommands() {
    check(
        noClasses()
            .that(not(resideInAnyPackage(ROOT + ".cli..", ROOT + ".pipeline..")))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT + ".cli..", ROOT + ".pipeline.."));
  }

  @Test
  void theServerIsMetThroughBundlesAlone() {
    check(
        noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.falconer.server..", "dev.falconer.client..", "io.grpc.."));
  }

  private static void onlyUsersOf(String library, String... packages) {
    var allowed = new String[packages.length];
    for (int i = 0; i < packages.length; i++) {
      allowed[i] = ROOT + packages[i] + "..";
    }
    check(
        noClasses()
            .that(not(resideInAnyPackage(allowed)))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(library));
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CLASSES);
  }
}

package dev.falconer.kernel;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.function.Consumer;

/** Objects of generated code, each of a class of its own: the compiler's profiles are a class's. */
final class GeneratedClass {
  /** What names begin with, in this package. */
  private static final String PREFIX = "Generated";

  static {
    CompilerDirective.add(GeneratedClass.class.getPackageName() + "." + PREFIX)
        .ifPresent(notice ->
            System.getLogger(GeneratedClass.class.getName())
                .log(System.Logger.Level.WARNING, notice));
  }

  private GeneratedClass() {}

  /**
   * Returns an object of an interface of this package.
   *
   * @param type of one method without body
   * @param name of the class, after a prefix that all have
   * @param body writes the method
   */
  static <T> T of(Class<T> type, String name, Consumer<CodeBuilder> body) {
    Method method =
        Arrays.stream(type.getDeclaredMethods())
            .filter(each -> Modifier.isAbstract(each.getModifiers()))
            .findFirst()
            .orElseThrow();
    MethodTypeDesc signature =
        MethodType.methodType(method.getReturnType(), method.getParameterTypes())
            .describeConstable()
            .orElseThrow();
    byte[] bytes =
        ClassFile.of()
            .build(
                ClassDesc.of(GeneratedClass.class.getPackageName(), PREFIX + name),
                made ->
                    made.withInterfaceSymbols(ClassDesc.of(type.getName()))
                        .withMethodBody(
                            INIT_NAME,
                            MTD_void,
                            ClassFile.ACC_PUBLIC,
                            code ->
                                code.aload(0)
                                    .invokespecial(CD_Object, INIT_NAME, MTD_void)
                                    .return_())
                        .withMethodBody(method.getName(), signature, ClassFile.ACC_PUBLIC, body));
    try {
      return type.cast(
          MethodHandles.lookup()
              .defineHiddenClass(bytes, true)
              .lookupClass()
              .getDeclaredConstructor()
              .newInstance());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(name, e);
    }
  }
}

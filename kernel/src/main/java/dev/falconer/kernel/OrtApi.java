package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.onnxruntime.OrtBridge;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The functions of ONNX Runtime's C API that operators call; pointers are longs, so that a call
 * allocates nothing. Functions keep their places in the table in all versions of the API.
 */
@SuppressWarnings("restricted") // A table of functions of a library that is never unloaded.
final class OrtApi {
  /** OrtErrorCode: a general failure. */
  private static final int FAIL = 1;

  private static final int FUNCTIONS = 256;
  private static final MemorySegment TABLE =
      MemorySegment.ofAddress(OrtBridge.api()).reinterpret((long) FUNCTIONS * Long.BYTES);

  private static final MethodHandle CREATE_STATUS = function(0, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle ERROR_MESSAGE = function(2, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle CREATE_DOMAIN = function(26, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle DOMAIN_ADD = function(27, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle ADD_DOMAIN = function(28, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle DATA = shortFunction(51, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle ELEMENT_TYPE =
      shortFunction(60, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle DIMENSIONS_COUNT =
      shortFunction(61, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle DIMENSIONS =
      shortFunction(62, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle TYPE_AND_SHAPE = function(65, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle ATTRIBUTE_FLOAT =
      function(85, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle ATTRIBUTE_LONG =
      function(86, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle ATTRIBUTE_TEXT =
      function(87, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle INPUT_COUNT =
      shortFunction(88, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle INPUT =
      shortFunction(90, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle OUTPUT =
      function(91, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle RELEASE_STATUS = procedure(93, JAVA_LONG);
  private static final MethodHandle RELEASE_TYPE_AND_SHAPE = procedure(99, JAVA_LONG);

  private static final MethodHandle NODE_INPUT_COUNT =
      function(230, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle NODE_INPUT_NAME =
      function(232, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle NODE_NAME =
      function(244, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle CONSTANT_INPUT =
      function(249, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private OrtApi() {}

  private static MethodHandle function(int index, MemoryLayout result, MemoryLayout... arguments) {
    return handle(index, FunctionDescriptor.of(result, arguments));
  }

  /** A function that returns at once and calls nothing back: without a change of thread state. */
  private static MethodHandle shortFunction(
      int index, MemoryLayout result, MemoryLayout... arguments) {
    return handle(index, FunctionDescriptor.of(result, arguments), Linker.Option.critical(false));
  }

  private static MethodHandle procedure(int index, MemoryLayout... arguments) {
    return handle(index, FunctionDescriptor.ofVoid(arguments));
  }

  private static MethodHandle handle(
      int index, FunctionDescriptor descriptor, Linker.Option... options) {
    MemorySegment function = MemorySegment.ofAddress(TABLE.getAtIndex(JAVA_LONG, index));
    return Linker.nativeLinker().downcallHandle(function, descriptor, options);
  }

  /** Returns the address of a status that makes a call fail with a message. */
  static long failure(String message) {
    try (Arena arena = Arena.ofConfined()) {
      return (long) CREATE_STATUS.invokeExact(FAIL, arena.allocateFrom(message).address());
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  /**
   * Ends a call that returned a status: 0 is success.
   *
   * @throws IllegalStateException with its message
   */
  private static void check(long status) throws Throwable {
    if (status != 0) {
      long text = (long) ERROR_MESSAGE.invokeExact(status);
      String message = MemorySegment.ofAddress(text).reinterpret(Long.MAX_VALUE).getString(0);
      RELEASE_STATUS.invokeExact(status);
      throw new IllegalStateException("ONNX Runtime: " + message);
    }
  }

  /** Returns the address of a new domain; it is never released. */
  static long createDomain(MemorySegment name, MemorySegment out) {
    try {
      check((long) CREATE_DOMAIN.invokeExact(name.address(), out.address()));
      return out.get(JAVA_LONG, 0);
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  static void addToDomain(long domain, MemorySegment operator) {
    try {
      check((long) DOMAIN_ADD.invokeExact(domain, operator.address()));
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  static void addDomain(long options, long domain) {
    try {
      check((long) ADD_DOMAIN.invokeExact(options, domain));
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  /** Writes the address of a value's first element. */
  static void data(long value, long out) {
    try {
      check((long) DATA.invokeExact(value, out));
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  /** Writes the address of a value's type and shape, to be released. */
  static void typeAndShape(long value, long out) {
    try {
      check((long) TYPE_AND_SHAPE.invokeExact(value, out));
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  static void release(long typeAndShape) {
    try {
      RELEASE_TYPE_AND_SHAPE.invokeExact(typeAndShape);
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  static void elementType(long typeAndShape, long out) {
    try {
      check((long) ELEMENT_TYPE.invokeExact(typeAndShape, out));
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  static void rank(long typeAndShape, long out) {
    try {
      check((long) DIMENSIONS_COUNT.invokeExact(typeAndShape, out));
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  static void dimensions(long typeAndShape, long out, long rank) {
    try {
      check((long) DIMENSIONS.invokeExact(typeAndShape, out, rank));
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  static void inputCount(long context, long out) {
    try {
      check((long) INPUT_COUNT.invokeExact(context, out));
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  /** Writes the address of an input's value; 0 where a node leaves it out. */
  static void input(long context, long index, long out) {
    try {
      check((long) INPUT.invokeExact(context, index, out));
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  /** Writes the address of an output's value of a shape. */
  static void output(long context, long index, long dimensions, long rank, long out) {
    try {
      check((long) OUTPUT.invokeExact(context, index, dimensions, rank, out));
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  /** Returns whether a node has a float attribute, and writes it. */
  static boolean attributeFloat(long info, MemorySegment name, MemorySegment out) {
    try {
      return succeeded((long) ATTRIBUTE_FLOAT.invokeExact(info, name.address(), out.address()));
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  /** Returns whether a node has an integer attribute, and writes it. */
  static boolean attributeLong(long info, MemorySegment name, MemorySegment out) {
    try {
      return succeeded((long) ATTRIBUTE_LONG.invokeExact(info, name.address(), out.address()));
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  /** Returns whether a node has a text attribute, and writes it and its size with the last 0. */
  static boolean attributeText(
      long info, MemorySegment name, MemorySegment out, MemorySegment size) {
    try {
      return succeeded(
          (long) ATTRIBUTE_TEXT.invokeExact(info, name.address(), out.address(), size.address()));
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  /** Writes a node's name and its size with the last 0. */
  static void nodeName(long info, MemorySegment out, MemorySegment size) {
    try {
      check((long) NODE_NAME.invokeExact(info, out.address(), size.address()));
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  /** Writes the number of a node's inputs. */
  static void nodeInputCount(long info, MemorySegment out) {
    try {
      check((long) NODE_INPUT_COUNT.invokeExact(info, out.address()));
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  /** Writes the size of an input's name with the last 0. */
  static void nodeInputNameSize(long info, long index, MemorySegment size) {
    try {
      check((long) NODE_INPUT_NAME.invokeExact(info, index, 0L, size.address()));
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  /** Writes whether an input is a constant of the graph, an int, and its value, 0 if it is none. */
  static void constantInput(long info, long index, MemorySegment isConstant, MemorySegment out) {
    try {
      check((long) CONSTANT_INPUT.invokeExact(info, index, isConstant.address(), out.address()));
    } catch (Throwable e) {
      throw wrong(e);
    }
  }

  private static boolean succeeded(long status) throws Throwable {
    if (status != 0) {
      RELEASE_STATUS.invokeExact(status);
    }
    return status == 0;
  }

  private static RuntimeException wrong(Throwable e) {
    return switch (e) {
      case RuntimeException exception -> exception;
      case Error error -> throw error;
      default -> new IllegalStateException(e);
    };
  }
}

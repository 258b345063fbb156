package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One operator as a C struct OrtCustomOp, version 16, whose functions are methods of this object.
 * Nothing thrown leaves them: it would end the process.
 */
@SuppressWarnings("restricted") // Methods for C to call, and the memory that it points to.
final class OperatorStubs {
  private static final int VERSION = 16;
  private static final int FUNCTIONS = 18;
  private static final ValueLayout.OfLong POINTER = JAVA_LONG;

  private final Operator operator;
  private final ThreadLocal<NodeCall> calls;
  private final MemorySegment struct;
  private final MemorySegment name;
  private volatile @Nullable Kernel[] kernels = new Kernel[4];

  OperatorStubs(Operator operator, Arena arena) {
    if (operator.inputs().size() > NodeCall.INPUTS) {
      throw new IllegalArgumentException(
          "%s has %d inputs, at most %d"
              .formatted(operator.name(), operator.inputs().size(), NodeCall.INPUTS));
    }
    this.operator = operator;
    this.calls = ThreadLocal.withInitial(() -> new NodeCall(operator));
    this.name = arena.allocateFrom(operator.name());
    this.struct = arena.allocate((1L + FUNCTIONS) * Long.BYTES, Long.BYTES);
    struct.set(JAVA_INT, 0, VERSION);
    var functions =
        Arrays.asList(
            null, // CreateKernel: the second version is called
            function("name", POINTER, POINTER),
            function("provider", POINTER, POINTER),
            function("inputType", JAVA_INT, POINTER, JAVA_LONG),
            function("inputCount", JAVA_LONG, POINTER),
            function("outputType", JAVA_INT, POINTER, JAVA_LONG),
            function("outputCount", JAVA_LONG, POINTER),
            null, // KernelCompute: the second version is called
            new Function("destroy", FunctionDescriptor.ofVoid(POINTER)),
            function("inputKind", JAVA_INT, POINTER, JAVA_LONG),
            function("outputKind", JAVA_INT, POINTER, JAVA_LONG),
            function("inputMemory", JAVA_INT, POINTER, JAVA_LONG),
            function("one", JAVA_INT, POINTER),
            function("one", JAVA_INT, POINTER),
            function("one", JAVA_INT, POINTER),
            function("one", JAVA_INT, POINTER),
            function("create", POINTER, POINTER, POINTER, POINTER, POINTER),
            function("compute", POINTER, POINTER, POINTER));
    for (int i = 0; i < FUNCTIONS; i++) {
      Function function = functions.get(i);
      if (function != null) {
        struct.setAtIndex(ADDRESS, i + 1L, function.stub(this, arena));
      }
    }
  }

  private static Function function(String method, ValueLayout result, ValueLayout... arguments) {
    return new Function(method, FunctionDescriptor.of(result, arguments));
  }

  /** A method that C calls. */
  private record Function(String method, FunctionDescriptor descriptor) {
    MemorySegment stub(OperatorStubs on, Arena arena) {
      try {
        MethodHandle handle =
            MethodHandles.lookup()
                .findVirtual(OperatorStubs.class, method, descriptor.toMethodType());
        return Linker.nativeLinker().upcallStub(handle.bindTo(on), descriptor, arena);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("OperatorStubs." + method, e);
      }
    }
  }

  /** Returns the struct. */
  MemorySegment struct() {
    return struct;
  }

  long name(long op) {
    return name.address();
  }

  /** Null: the processor's own. */
  long provider(long op) {
    return 0;
  }

  int inputType(long op, long index) {
    return index < operator.inputs().size() ? operator.inputs().get((int) index).type().code() : 0;
  }

  long inputCount(long op) {
    return operator.inputs().size();
  }

  int outputType(long op, long index) {
    return index < operator.outputs().size() ? operator.outputs().get((int) index).code() : 0;
  }

  long outputCount(long op) {
    return operator.outputs().size();
  }

  int inputKind(long op, long index) {
    return index < operator.inputs().size() && operator.inputs().get((int) index).isOptional()
        ? 1
        : 0;
  }

  int outputKind(long op, long index) {
    return 0;
  }

  /** The processor's own. */
  int inputMemory(long op, long index) {
    return 0;
  }

  /** Of inputs without number, which there are none. */
  int one(long op) {
    return 1;
  }

  /** Makes a node's kernel and writes its number, from 1. */
  long create(long op, long api, long info, long out) {
    try {
      Kernel kernel = operator.kernels().of(new NodeInfo(operator, info));
      MemorySegment.ofAddress(out).reinterpret(Long.BYTES).set(JAVA_LONG, 0, number(kernel));
      return 0;
    } catch (Throwable e) {
      return failure(e);
    }
  }

  long compute(long kernel, long context) {
    try {
      java.util.Objects.requireNonNull(kernels[(int) kernel - 1])
          .compute(calls.get().of(operator, context));
      return 0;
    } catch (Throwable e) {
      return failure(e);
    }
  }

  void destroy(long kernel) {
    try {
      synchronized (this) {
        kernels[(int) kernel - 1] = null;
      }
    } catch (Throwable e) {
      // Nobody would hear of it.
    }
  }

  private synchronized long number(Kernel kernel) {
    @Nullable Kernel[] all = kernels;
    int free = 0;
    while (free < all.length && all[free] != null) {
      free++;
    }
    if (free == all.length) {
      all = Arrays.copyOf(all, 2 * free);
    }
    all[free] = kernel;
    kernels = all; // also publishes the element
    return free + 1L;
  }

  private long failure(Throwable e) {
    try {
      String message = e.getMessage();
      return OrtApi.failure(message == null ? operator.name() + ": " + e : message);
    } catch (Throwable again) {
      return OrtApi.failure("out of memory");
    }
  }
}

package dev.falconer.server.rpc;

import dev.falconer.server.admin.Metrics;
import dev.falconer.server.admission.Admission;
import dev.falconer.server.admission.LoneRequests;
import dev.falconer.server.admission.LoneRequests.Work;
import dev.falconer.server.domain.Budget;
import dev.falconer.server.domain.ErrorCode;
import dev.falconer.server.domain.RequestException;
import dev.falconer.server.engine.GraphException;
import dev.falconer.server.wire.Received;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request, one answer. The transport's thread reads the message and hands it to the pool, whose
 * thread answers: one change of thread each way, and none for a short request that is alone.
 * Whoever holds the request closes it, whatever happens: its memory goes back to the slabs.
 *
 * @param <Q> the query
 * @param <R> the reply
 */
final class UnaryHandler<Q, R> implements ServerCallHandler<Received<Q>, R> {
  private static final System.Logger log = System.getLogger(UnaryHandler.class.getName());

  private final String rpc;
  private final Answerer<Q, R> answerer;
  private final Function<Q, Work> work;
  private final Admission admission;
  private final LoneRequests loneRequests;
  private final Executor pool;
  private final Metrics metrics;
  private final AtomicInteger openCalls;

  /** Answers a query; throws {@link RequestException}. */
  @FunctionalInterface
  interface Answerer<Q, R> {
    R answer(Received<Q> received, Budget budget);
  }

  /**
   * Creates a handler; {@code work} tells what a query asks for, {@code openCalls} counts from a
   * call's headers to its end.
   */
  UnaryHandler(
      String rpc,
      Answerer<Q, R> answerer,
      Function<Q, Work> work,
      Admission admission,
      Executor pool,
      Metrics metrics,
      AtomicInteger openCalls) {
    this.rpc = rpc;
    this.answerer = answerer;
    this.work = work;
    this.admission = admission;
    this.loneRequests = new LoneRequests(admission);
    this.pool = pool;
    this.metrics = metrics;
    this.openCalls = openCalls;
  }

  @Override
  public ServerCall.Listener<Received<Q>> startCall(
      ServerCall<Received<Q>, R> call, Metadata headers) {
    // Two, so that a client that sends more than one message is noticed.
    call.request(2);
    openCalls.incrementAndGet();
    return new Listener(call, budget(call));
  }

  private static Budget budget(ServerCall<?, ?> call) {
    var deadline = Context.current().getDeadline();
    return deadline == null
        ? new Budget(false, 0, call::isCancelled)
        : new Budget(
            true,
            System.nanoTime() + deadline.timeRemaining(TimeUnit.NANOSECONDS),
            call::isCancelled);
  }

  /** Called by one thread at a time, the transport's. */
  private final class Listener extends ServerCall.Listener<Received<Q>> {
    private final ServerCall<Received<Q>, R> call;
    private final Budget budget;
    private @Nullable Received<Q> received;
    private boolean isClosed;

    Listener(ServerCall<Received<Q>, R> call, Budget budget) {
      this.call = call;
      this.budget = budget;
    }

    @Override
    public void onMessage(Received<Q> message) {
      if (received != null || isClosed) {
        message.close();
        fail(Status.INTERNAL.withDescription("more than one message for a call that takes one"));
        return;
      }
      received = message;
    }

    @Override
    public void onHalfClose() {
      var request = received;
      if (isClosed) {
        return;
      }
      if (request == null) {
        fail(Status.INTERNAL.withDescription("no message for a call that takes one"));
        return;
      }
      // From here on the pool's thread holds the request.
      received = null;
      isClosed = true;
      try {
        admission.enter();
      } catch (RequestException e) {
        close(call, request, status(e));
        request.close();
        return;
      }
      if (request.isReadable() && loneRequests.isOne(work.apply(request.query()))) {
        run(call, request, budget);
        return;
      }
      try {
        pool.execute(() -> run(call, request, budget));
      } catch (RejectedExecutionException _) {
        admission.leave();
        close(call, request, Status.UNAVAILABLE.withDescription("the server is stopping"));
        request.close();
      }
    }

    @Override
    public void onComplete() {
      openCalls.decrementAndGet();
    }

    @Override
    public void onCancel() {
      openCalls.decrementAndGet();
      isClosed = true;
      drop();
    }

    private void drop() {
      if (received != null) {
        received.close();
        received = null;
      }
    }

    private void fail(Status status) {
      if (!isClosed) {
        isClosed = true;
        call.close(status, new Metadata());
      }
      drop();
    }
  }

  private void run(ServerCall<Received<Q>, R> call, Received<Q> request, Budget budget) {
    var status = Status.INTERNAL.withDescription("the server failed");
    long start = System.nanoTime();
    try {
      metrics.queued(start - request.decodedNanos());
      var reply = answerer.answer(request, budget);
      loneRequests.took(work.apply(request.query()), System.nanoTime() - start);
      call.sendHeaders(new Metadata());
      call.sendMessage(reply);
      status = Status.OK;
    } catch (RequestException e) {
      status = status(e);
    } catch (GraphException e) {
      status = logged("the model failed on this request", e);
    } catch (RuntimeException e) {
      status = logged("the server failed on this request", e);
    } finally {
      request.close();
      admission.leave();
      close(call, request, status);
    }
  }

  private void close(ServerCall<Received<Q>, R> call, Received<Q> request, Status status) {
    metrics.answered(rpc, status.getCode().name(), System.nanoTime() - request.arrivalNanos());
    call.close(status, new Metadata());
  }

  private static Status status(RequestException e) {
    if (e.code() == ErrorCode.MODEL_FAILED) {
      log.log(System.Logger.Level.WARNING, e.text());
    }
    return StatusTable.code(e.code()).toStatus().withDescription(e.text());
  }

  /** The client gets no inside of the server, but what to quote. */
  private static Status logged(String text, RuntimeException e) {
    String id = UUID.randomUUID().toString().substring(0, 8);
    log.log(System.Logger.Level.ERROR, text + " [" + id + "]", e);
    return Status.INTERNAL.withDescription(text + "; the server's log has it under " + id);
  }
}

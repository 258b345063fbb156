package dev.falconer.server.rpc;

import dev.falconer.server.admin.Metrics;
import dev.falconer.server.admission.Admission;
import dev.falconer.server.admission.LoneRequests.Work;
import dev.falconer.server.domain.Budget;
import dev.falconer.server.domain.Column;
import dev.falconer.server.domain.RankQuery;
import dev.falconer.server.domain.WarmQuery;
import dev.falconer.server.ranking.Ranker;
import dev.falconer.server.wire.Received;
import dev.falconer.server.wire.ReplyWriter;
import dev.falconer.server.wire.RequestReader;
import dev.falconer.v1.RankReply;
import dev.falconer.v1.RankRequest;
import dev.falconer.v1.RankingGrpc;
import dev.falconer.v1.WarmReply;
import dev.falconer.v1.WarmRequest;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** The service {@code falconer.v1.Ranking}. */
public final class RankingService {
  private final Ranker ranker;
  private final RequestReader reader;
  private final Admission admission;
  private final Executor pool;
  private final Metrics metrics;
  private final int maxMessageBytes;
  private final AtomicInteger openCalls = new AtomicInteger();

  /** Creates the service; requests run on the pool. */
  public RankingService(
      Ranker ranker,
      RequestReader reader,
      Admission admission,
      Executor pool,
      Metrics metrics,
      int maxMessageBytes) {
    this.ranker = ranker;
    this.reader = reader;
    this.admission = admission;
    this.pool = pool;
    this.metrics = metrics;
    this.maxMessageBytes = maxMessageBytes;
  }

  /** Returns the service with its marshallers, for a gRPC server. */
  ServerServiceDefinition bind() {
    MethodDescriptor<Received<RankQuery>, RankReply> rank =
        RankingGrpc.getRankMethod().toBuilder(
                new RequestMarshaller<RankRequest, RankQuery>(
                    RankRequest.parser(), reader::read, maxMessageBytes),
                RankingGrpc.getRankMethod().getResponseMarshaller())
            .build();
    MethodDescriptor<Received<WarmQuery>, WarmReply> warm =
        RankingGrpc.getWarmMethod().toBuilder(
                new RequestMarshaller<WarmRequest, WarmQuery>(
                    WarmRequest.parser(), reader::read, maxMessageBytes),
                RankingGrpc.getWarmMethod().getResponseMarshaller())
            .build();
    var descriptor =
        ServiceDescriptor.newBuilder(RankingGrpc.SERVICE_NAME)
            .setSchemaDescriptor(RankingGrpc.getServiceDescriptor().getSchemaDescriptor())
            .addMethod(rank)
            .addMethod(warm)
            .build();
    return ServerServiceDefinition.builder(descriptor)
        .addMethod(
            rank,
            new UnaryHandler<>(
                "Rank", this::rank, RankingService::work, admission, pool, metrics, openCalls))
        .addMethod(
            warm,
            new UnaryHandler<>(
                "Warm", this::warm, RankingService::work, admission, pool, metrics, openCalls))
        .build();
  }

  /** Returns how many calls have begun and not ended. */
  int openCalls() {
    return openCalls.get();
  }

  private static Work work(RankQuery query) {
    return new Work(query.model() + " " + query.mode(), size(query.candidates()));
  }

  private static Work work(WarmQuery query) {
    return new Work(query.model(), size(query.history()));
  }

  private static long size(List<Column> columns) {
    return Math.max(1, columns.stream().mapToLong(Column::size).sum());
  }

  private RankReply rank(Received<RankQuery> received, Budget budget) {
    var query = received.query();
    var ranked = ranker.rank(query, budget);
    metrics.state(ranked.outcome(), ranked.timings());
    metrics.scored(ranked.count(), ranked.timings());
    return ReplyWriter.rank(
        ranked,
        query.itemIds(),
        received.arrivalNanos(),
        received.decodedNanos(),
        System.nanoTime());
  }

  private WarmReply warm(Received<WarmQuery> received, Budget budget) {
    var warmed = ranker.warm(received.query(), budget);
    metrics.state(warmed.outcome(), warmed.timings());
    return ReplyWriter.warm(
        warmed, received.arrivalNanos(), received.decodedNanos(), System.nanoTime());
  }
}

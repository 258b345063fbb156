package dev.falconer.server.wire;

import dev.falconer.server.domain.ItemIds;
import dev.falconer.server.domain.Mode;
import dev.falconer.server.domain.Objective;
import dev.falconer.server.domain.RankQuery;
import dev.falconer.server.domain.RequestException;
import dev.falconer.server.domain.WarmQuery;
import dev.falconer.server.memory.Slabs;
import dev.falconer.v1.RankRequest;
import dev.falconer.v1.WarmRequest;

/** Reads request messages into domain values whose columns lie in a slab. */
public final class RequestReader {
  private final Slabs slabs;

  /** Creates a reader that borrows from the pool. */
  public RequestReader(Slabs slabs) {
    this.slabs = slabs;
  }

  /** Returns the request; whoever receives it closes it. Keeps nothing of the message's bytes. */
  public Received<RankQuery> read(RankRequest request) {
    var slab =
        slabs.borrow(
            ColumnReader.slabBytes(request.getHistoryList())
                + ColumnReader.slabBytes(request.getCandidateList())
                + ColumnReader.slabBytes(request.getRequestList()));
    try {
      return Received.ok(rank(request, slab), slab);
    } catch (RequestException e) {
      slab.close();
      return Received.failed(e);
    }
  }

  /** Returns the request; whoever receives it closes it. Keeps nothing of the message's bytes. */
  public Received<WarmQuery> read(WarmRequest request) {
    var slab = slabs.borrow(ColumnReader.slabBytes(request.getHistoryList()));
    try {
      var query =
          new WarmQuery(
              request.getModel(),
              request.getVersion(),
              request.getUserKey(),
              ColumnReader.read(request.getHistoryList(), slab));
      return Received.ok(query, slab);
    } catch (RequestException e) {
      slab.close();
      return Received.failed(e);
    }
  }

  private static RankQuery rank(RankRequest request, Slabs.Slab slab) {
    return new RankQuery(
        request.getModel(),
        request.getVersion(),
        request.getUserKey(),
        mode(request),
        ColumnReader.read(request.getHistoryList(), slab),
        ColumnReader.read(request.getCandidateList(), slab),
        ColumnReader.read(request.getRequestList(), slab),
        new Objective(
            request.getObjective().getWeightsMap(), request.getObjective().getBidColumn()),
        request.getTopK(),
        itemIds(request));
  }

  private static Mode mode(RankRequest request) {
    return switch (request.getMode()) {
      case MODE_UNSPECIFIED, CACHE -> Mode.CACHE;
      case BYPASS -> Mode.BYPASS;
      case WHOLE -> Mode.WHOLE;
      case UNRECOGNIZED ->
          throw RequestException.invalid("no mode has the number " + request.getModeValue());
    };
  }

  private static ItemIds itemIds(RankRequest request) {
    return switch (request.getItemIdsCase()) {
      case INT64_IDS -> {
        var list = request.getInt64Ids();
        var ids = new long[list.getValuesCount()];
        for (int i = 0; i < ids.length; i++) {
          ids[i] = list.getValues(i);
        }
        yield ItemIds.ofNumbers(ids);
      }
      case STRING_IDS -> ItemIds.ofStrings(request.getStringIds().getValuesList());
      case ITEMIDS_NOT_SET -> ItemIds.NONE;
    };
  }
}

package dev.falconer.server.ranking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.falconer.kernel.Isa;
import dev.falconer.server.batch.MicroBatches;
import dev.falconer.server.choice.ChoiceRules;
import dev.falconer.server.choice.Wanted;
import dev.falconer.server.domain.Budget;
import dev.falconer.server.domain.ErrorCode;
import dev.falconer.server.domain.ItemIds;
import dev.falconer.server.domain.Mode;
import dev.falconer.server.domain.Objective;
import dev.falconer.server.domain.RankQuery;
import dev.falconer.server.domain.RequestException;
import dev.falconer.server.domain.WarmQuery;
import dev.falconer.server.engine.OrtEngine;
import dev.falconer.server.memory.NativeMemory;
import dev.falconer.server.memory.Slabs;
import dev.falconer.server.model.ModelLoader;
import dev.falconer.server.model.ModelRepository;
import dev.falconer.server.model.ServedModel;
import dev.falconer.server.state.StateCache;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class RankerTest {
  private static final RankQuery QUERY =
      new RankQuery(
          "no such model",
          "",
          "u",
          Mode.CACHE,
          List.of(),
          List.of(),
          List.of(),
          new Objective(Map.of(), ""),
          0,
          ItemIds.NONE);

  /** A ranker without models: a request that gets as far as asking for one fails on that. */
  private static Ranker ranker() {
    var slabs = new Slabs(0);
    var loader =
        new ModelLoader(
            new OrtEngine(Isa.JAVA),
            slabs,
            new ModelLoader.Limits(OptionalInt.empty(), 10, 10),
            ChoiceRules.of(new Wanted.Fastest(), Path.of("cache"), Duration.ZERO, Map.of()),
            _ -> {});
    var models = new ModelRepository(Path.of("models"), loader, new Silent());
    var states = new StateCache(new NativeMemory(), 0, Duration.ofHours(1), System::nanoTime, 1);
    return new Ranker(models, states, new MicroBatches(Runnable::run, () -> 0), slabs);
  }

  private static final class Silent implements ModelRepository.Listener {
    @Override
    public void onServed(ServedModel model) {}

    @Override
    public void onReplaced(ServedModel model) {}

    @Override
    public void onRefused(Path folder) {}
  }

  private static ErrorCode failure(Budget budget) {
    var ranker = ranker();
    var ranking = assertThrows(RequestException.class, () -> ranker.rank(QUERY, budget));
    var warming =
        assertThrows(
            RequestException.class,
            () -> ranker.warm(new WarmQuery("no such model", "", "u", List.of()), budget));
    assertEquals(ranking.code(), warming.code());
    return ranking.code();
  }

  @Test
  void anExpiredDeadlineNeverReachesTheModel() {
    var expired = new Budget(true, System.nanoTime() - 1, () -> false);

    assertEquals(ErrorCode.DEADLINE_PASSED, failure(expired));
    assertEquals(ErrorCode.UNKNOWN_MODEL, failure(Budget.UNLIMITED));
  }

  @Test
  void aCancelledRequestNeverReachesTheModel() {
    assertEquals(ErrorCode.CANCELLED, failure(new Budget(false, 0, () -> true)));
  }
}

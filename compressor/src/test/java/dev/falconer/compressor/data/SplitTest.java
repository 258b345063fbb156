package dev.falconer.compressor.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.data.LogGenerator.Surface;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class SplitTest {
  private static final Examples LOG =
      new LogGenerator(Surface.FEED, 60, 400, 900, 11).generate().examples();

  @Test
  void partsFollowEachOtherInTime() {
    Split split = LOG.split(.75, .1);

    assertEquals(
        LOG.requests(), split.train().size() + split.validation().size() + split.test().size());
    assertEquals(.75, split.train().size() / (double) LOG.requests(), .01);
    assertEquals(.1, split.validation().size() / (double) LOG.requests(), .01);
    assertTrue(last(split.train()) < first(split.validation()));
    assertTrue(last(split.validation()) < first(split.test()));
  }

  private static long first(View view) {
    return view.examples().timeMicros(view.request(0));
  }

  private static long last(View view) {
    return view.examples().timeMicros(view.request(view.size() - 1));
  }

  @Test
  void popularityAndVocabularyComeFromTrainingAlone() {
    Split split = LOG.split(.5, .1);
    long end = first(split.validation());

    var counts = new int[LOG.catalogue().size()];
    var isSeen = new boolean[counts.length];
    for (int r = 0; r < LOG.requests(); r++) {
      for (int c = 0; c < LOG.candidates(r) && LOG.timeMicros(r) < end; c++) {
        isSeen[LOG.candidateItem(r, c)] = true;
        counts[LOG.candidateItem(r, c)] += (int) LOG.label(r, c, 0);
      }
    }

    int unseen = 0;
    for (int item = 0; item < counts.length; item++) {
      assertEquals(counts[item], split.trainPopularity(item), "item " + item);
      OptionalInt found = split.trainCatalogue().find(LOG.catalogue().idText(item));
      assertEquals(isSeen[item], found.isPresent(), "item " + item);
      if (found.isPresent()) {
        assertEquals(counts[item], split.trainCatalogue().popularity(found.getAsInt()));
        assertEquals(
            LOG.catalogue().category(item), split.trainCatalogue().category(found.getAsInt()));
      } else {
        unseen++;
      }
    }
    assertTrue(unseen > 0, "the log should hold items that training doesn't see");
  }

  @Test
  void historiesReachBackOverTheCutAndStopBeforeTheRequest() {
    View test = LOG.split(.5, .1).test();

    int reaching = 0;
    for (int i = 0; i < test.size(); i++) {
      int r = test.request(i);
      for (int e = 0; e < LOG.historyLength(r); e++) {
        assertTrue(LOG.historyTimeMicros(r, e) < LOG.timeMicros(r));
        reaching += LOG.historyTimeMicros(r, e) < first(test) ? 1 : 0;
      }
    }
    assertTrue(reaching > 0);
  }

  @Test
  void refusesFractionsThatExceedTheLog() {
    var error = assertThrows(IllegalArgumentException.class, () -> LOG.split(.9, .2));

    assertTrue(String.valueOf(error.getMessage()).contains("0.9"));
  }
}

package dev.falconer.server.choice;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import dev.falconer.server.domain.VariantKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The choice that was measured for one version of a model, in {@code
 * <folder>/<model>/<version>.json}, with the key that it stands for. A file that can't be read, or
 * is of another key, is as good as none; one that can't be written costs the next load a
 * measurement.
 *
 * <p>Where Java's compiler wasn't done with a variant in time the next loads measure again, since
 * the machine may have been busy; but each of them waits for it, so after {@link #MOST_TRIES} the
 * choice holds without it.
 */
public final class ChoiceFile {
  /** Measurements after which a choice holds that lacks a variant. */
  static final int MOST_TRIES = 3;

  private static final Gson JSON = new GsonBuilder().setPrettyPrinting().create();

  private final Path folder;
  private final Path file;
  private final Map<String, String> key;
  private final Consumer<String> notices;

  /** Of the file that was read. */
  private int tries;

  /**
   * What the file holds.
   *
   * @param uncompiled variants that couldn't be measured in time; null where there are none
   * @param tries measurements that lacked one, up to this
   */
  private record Content(
      @Nullable Map<String, String> key,
      @Nullable Choice choice,
      @Nullable List<VariantKey> uncompiled,
      int tries) {}

  /**
   * Names the file of a version; nothing is read yet.
   *
   * @param key what a choice depends on, by name
   * @param notices hears why a file isn't used or written
   */
  public ChoiceFile(
      Path folder,
      String model,
      String version,
      Map<String, String> key,
      Consumer<String> notices) {
    this.folder = folder.resolve(model);
    this.file = this.folder.resolve(version + ".json");
    this.key = new TreeMap<>(key);
    this.notices = notices;
  }

  /** Returns the choice, if there is one for this key that is not to be measured again. */
  public Optional<Choice> read() {
    return content().flatMap(this::choice);
  }

  private Optional<Choice> choice(Content content) {
    if (content.uncompiled() != null) {
      tries = content.tries();
      boolean holds = tries >= MOST_TRIES;
      notices.accept(
          "%s: Java's compiler was busy, or off, at %d %s, so %s is not chosen; %s"
              .formatted(
                  file,
                  tries,
                  tries == 1 ? "load" : "loads",
                  content.uncompiled(),
                  holds ? "delete the file to have it measured again" : "it is measured again"));
      if (!holds) {
        return Optional.empty();
      }
    }
    return Optional.ofNullable(content.choice()).map(Choice::cached);
  }

  /** Returns what the file holds of this key. */
  private Optional<Content> content() {
    try {
      var content = JSON.fromJson(Files.readString(file), Content.class);
      if (content == null || content.key() == null || content.choice() == null) {
        notices.accept(file + " holds no choice; it isn't used");
        return Optional.empty();
      }
      if (!content.key().equals(key)) {
        notices.accept(file + " is of another " + differing(content.key()) + "; it isn't used");
        return Optional.empty();
      }
      return Optional.of(content);
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      // Whatever is wrong with it, down to what the records' constructors say.
      notices.accept(file + " can't be read; it isn't used: " + e);
      return Optional.empty();
    }
  }

  private Set<String> differing(Map<String, String> other) {
    var names = new TreeSet<>(key.keySet());
    names.addAll(other.keySet());
    names.removeIf(name -> key.getOrDefault(name, "").equals(other.getOrDefault(name, "")));
    return names;
  }

  /**
   * Writes the choice beside the file and moves it into place.
   *
   * @param uncompiled variants that it lacks since Java's compiler wasn't done with them in time
   */
  public void write(Choice choice, List<VariantKey> uncompiled) {
    var content =
        uncompiled.isEmpty()
            ? new Content(key, choice, null, 0)
            : new Content(key, choice, uncompiled, tries + 1);
    try {
      Files.createDirectories(folder);
      Path beside = Files.createTempFile(folder, ".choice", ".json");
      try {
        Files.writeString(beside, JSON.toJson(content) + "\n");
        Files.move(
            beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(beside);
      }
    } catch (IOException e) {
      notices.accept(file + " can't be written; the next load measures again: " + e);
    }
  }

  /** Returns the file's path. */
  @Override
  public String toString() {
    return file.toString();
  }
}

package dev.falconer.server.choice;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
 */
public final class ChoiceFile {
  private static final Gson JSON = new GsonBuilder().setPrettyPrinting().create();

  private final Path folder;
  private final Path file;
  private final Map<String, String> key;
  private final Consumer<String> notices;

  /** What the file holds. */
  private record Content(@Nullable Map<String, String> key, @Nullable Choice choice) {}

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

  /** Returns the choice, if there is one for this key. */
  public Optional<Choice> read() {
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
      return Optional.of(content.choice().cached());
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

  /** Writes the choice beside the file and moves it into place. */
  public void write(Choice choice) {
    try {
      Files.createDirectories(folder);
      Path beside = Files.createTempFile(folder, ".choice", ".json");
      try {
        Files.writeString(beside, JSON.toJson(new Content(key, choice)) + "\n");
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

package dev.falconer.bundle;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.falconer.v1.FileDigest;
import dev.falconer.v1.Manifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code manifest.json} of a version folder.
 *
 * <p>The file carries its own digest: SHA-256 over its bytes with the 64 digits of {@code
 * manifestSha256} written as zeros. So one flipped byte anywhere is noticed: in the digits they
 * differ, elsewhere the digest does, in the key there is none.
 */
public final class ManifestFile {
  /** Name of the file in a version folder. */
  public static final String NAME = "manifest.json";

  /** The format written and read. */
  public static final int FORMAT = 1;

  private static final Pattern DIGEST = Pattern.compile("\"manifestSha256\": \"([0-9a-f]{64})\"");
  private static final String ZEROS = "0".repeat(64);

  private ManifestFile() {}

  /**
   * Returns the manifest of a version folder after checking its own digest and each listed file's
   * presence, size and digest.
   *
   * @throws BundleException naming the first file that is missing or differs
   */
  public static Manifest read(Path folder) {
    Path file = folder.resolve(NAME);
    try {
      if (!Files.isRegularFile(file)) {
        throw new BundleException(file + ": no such file; a bundle's version folder holds one");
      }
      Manifest manifest = parse(file, Files.readAllBytes(file));
      for (FileDigest entry : manifest.getFilesList()) {
        check(folder, entry);
      }
      return manifest;
    } catch (IOException e) {
      throw new BundleException(file + ": can't be read: " + e.getMessage(), e);
    }
  }

  /** Writes the manifest with its digest filled in. */
  public static void write(Path folder, Manifest manifest) throws IOException {
    String json =
        JsonFormat.printer().print(manifest.toBuilder().setManifestSha256(ZEROS).build()) + "\n";
    String digest = Sha256.of(json.getBytes(StandardCharsets.UTF_8));
    Files.writeString(folder.resolve(NAME), json.replace(ZEROS, digest));
  }

  /** Returns the entry of a file that lies in the folder. */
  public static FileDigest digest(Path folder, String name) throws IOException {
    Path file = folder.resolve(name);
    return FileDigest.newBuilder()
        .setFile(name)
        .setBytes(Files.size(file))
        .setSha256(Sha256.of(file))
        .build();
  }

  private static Manifest parse(Path file, byte[] bytes) {
    // Latin-1 maps bytes to chars one to one: a byte that is no UTF-8 changes the digest too.
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    Matcher found = DIGEST.matcher(text);
    if (!found.find()) {
      throw new BundleException(file + ": carries no manifestSha256; damaged or not a manifest");
    }
    String zeroed = text.substring(0, found.start(1)) + ZEROS + text.substring(found.end(1));
    String digest = Sha256.of(zeroed.getBytes(StandardCharsets.ISO_8859_1));
    if (!digest.equals(found.group(1))) {
      throw new BundleException(
          file + ": sha256 is " + digest + ", the file says " + found.group(1) + "; damaged");
    }
    try {
      var manifest = Manifest.newBuilder();
      JsonFormat.parser().merge(new String(bytes, StandardCharsets.UTF_8), manifest);
      if (manifest.getFormat() != FORMAT) {
        throw new BundleException(
            file + ": format " + manifest.getFormat() + ", this program reads " + FORMAT);
      }
      return manifest.build();
    } catch (InvalidProtocolBufferException e) {
      throw new BundleException(file + ": " + e.getMessage(), e);
    }
  }

  private static void check(Path folder, FileDigest entry) throws IOException {
    Path file = folder.resolve(entry.getFile()).normalize();
    if (!folder.normalize().equals(file.getParent())) {
      throw new BundleException(folder + ": file \"" + entry.getFile() + "\" lies outside");
    }
    if (!Files.isRegularFile(file)) {
      throw new BundleException(file + ": missing, the manifest lists it");
    }
    if (Files.size(file) != entry.getBytes()) {
      throw new BundleException(
          file + ": " + Files.size(file) + " bytes, the manifest says " + entry.getBytes());
    }
    String digest = Sha256.of(file);
    if (!digest.equals(entry.getSha256())) {
      throw new BundleException(
          file + ": sha256 is " + digest + ", the manifest says " + entry.getSha256());
    }
  }
}

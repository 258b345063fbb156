package dev.falconer.loadtest.report;

import dev.falconer.loadtest.load.LoadResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A load test's result as one HTML page that needs no network: uPlot (MIT licence) and the data are
 * written into it.
 */
public final class HtmlReport {
  private static final String POM = "/META-INF/maven/org.webjars.npm/uplot/pom.properties";
  private static final String DIST = "/META-INF/resources/webjars/uplot/%s/dist/%s";

  private HtmlReport() {}

  /** Returns the page. */
  public static String text(LoadResult result) throws IOException {
    var version = uplotVersion();
    return resource("report.html")
        .replace("/*{uplot.css}*/", resource(DIST.formatted(version, "uPlot.min.css")))
        .replace("/*{report.css}*/", resource("report.css"))
        .replace("/*{uplot.js}*/", resource(DIST.formatted(version, "uPlot.iife.min.js")))
        .replace("/*{report.js}*/", resource("report.js"))
        // JSON inside a script element: a "</script>" in a name must not end it.
        .replace("/*{data}*/", JsonReport.tree(result).toString().replace("</", "<\\/"));
  }

  private static String uplotVersion() throws IOException {
    try (var in = open(POM, HtmlReport.class.getResourceAsStream(POM))) {
      var properties = new Properties();
      properties.load(in);
      return properties.getProperty("version", "");
    }
  }

  private static String resource(String name) throws IOException {
    try (var in = open(name, HtmlReport.class.getResourceAsStream(name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static InputStream open(String name, @Nullable InputStream in) {
    if (in == null) {
      throw new IllegalStateException("the class path lacks " + name);
    }
    return in;
  }
}

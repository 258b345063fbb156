package dev.falconer.compressor.data;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.duckdb.DuckDBDriver;

/** A DuckDB in memory that spills to a folder. One thread uses it. Errors are LogExceptions. */
final class Duck implements AutoCloseable {
  private final Connection connection;

  /** Reads one row of a result. */
  interface Row {
    void read(ResultSet row) throws SQLException;
  }

  /** Returns an open database; it asks nothing of the network. */
  Duck(Path folder) throws LogException {
    var properties = new Properties();
    properties.setProperty(DuckDBDriver.JDBC_STREAM_RESULTS, "true");
    properties.setProperty("autoinstall_known_extensions", "false");
    properties.setProperty("autoload_known_extensions", "false");
    properties.setProperty("temp_directory", folder.toString());
    properties.setProperty("memory_limit", "50%");
    try {
      connection = DriverManager.getConnection("jdbc:duckdb:", properties);
    } catch (SQLException e) {
      throw new LogException("DuckDB doesn't start: " + e.getMessage(), e);
    }
    run("SET TimeZone = 'UTC'");
  }

  void run(String sql) throws LogException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  void each(String sql, Row row) throws LogException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        row.read(result);
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Returns the first column, null as the empty string. */
  List<String> strings(String sql) throws LogException {
    var strings = new ArrayList<String>();
    each(
        sql,
        row -> {
          String value = row.getString(1);
          strings.add(value == null ? "" : value);
        });
    return strings;
  }

  /** Returns the number in the first row and column. */
  long number(String sql) throws LogException {
    var numbers = new long[1];
    each(sql, row -> numbers[0] = row.getLong(1));
    return numbers[0];
  }

  private static LogException failed(SQLException e) {
    // The first lines say what is wrong; then DuckDB draws the statement, which is ours.
    String message = String.valueOf(e.getMessage()).strip();
    int end = message.indexOf("\n\nLINE ");
    return new LogException(end < 0 ? message : message.substring(0, end).strip(), e);
  }

  /** Returns a name as SQL. */
  static String name(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** Returns a text as SQL. */
  static String text(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  @Override
  public void close() throws LogException {
    try {
      connection.close();
    } catch (SQLException e) {
      throw failed(e);
    }
  }
}

package dev.falconer.loadtest.bench;

/**
 * The server beside bare ONNX Runtime, microseconds at p50.
 *
 * @param candidates per request
 * @param events of the request's history
 * @param rounds measured calls with the state cached; a quarter of them encode anew
 * @param server a call with the state cached
 * @param bare the candidate graph alone
 * @param floor the candidate graph alone in another thread, behind a bare socket
 * @param serverBypass a call that encodes the history
 * @param bareBypass user graph and candidate graph alone
 * @param serverTotal what the server itself says of a call with the state cached
 * @param machine it ran on
 */
public record Overhead(
    int candidates,
    int events,
    int rounds,
    double server,
    double bare,
    double floor,
    double serverBypass,
    double bareBypass,
    double serverTotal,
    String machine) {

  /** Returns what the server adds to scoring with the state cached. */
  public double micros() {
    return server - bare;
  }

  /** Returns the figures as text. */
  public String text() {
    return """
    Server overhead at %d candidates, history of %d events, p50 of %d rounds, on %s
      state cached: server %.0f us, bare ONNX Runtime %.0f us, overhead %.0f us (inside the server %.0f us)
      behind a bare socket ONNX Runtime takes %.0f us: %.0f us of the overhead is this machine's
      encoded anew: server %.0f us, bare ONNX Runtime %.0f us, overhead %.0f us
    """
        .formatted(
            candidates,
            events,
            rounds,
            machine,
            server,
            bare,
            micros(),
            serverTotal - bare,
            floor,
            floor - bare,
            serverBypass,
            bareBypass,
            serverBypass - bareBypass);
  }

  /** Returns the figures as one JSON object. */
  public String json() {
    return """
    {"candidates": %d, "events": %d, "rounds": %d, "server_us": %.1f, "bare_us": %.1f, "bare_socket_us": %.1f, \
    "server_overhead_us": %.1f, "server_total_us": %.1f, "bypass_server_us": %.1f, \
    "bypass_bare_us": %.1f, "bypass_overhead_us": %.1f}
    """
        .formatted(
            candidates,
            events,
            rounds,
            server,
            bare,
            floor,
            micros(),
            serverTotal,
            serverBypass,
            bareBypass,
            serverBypass - bareBypass);
  }
}

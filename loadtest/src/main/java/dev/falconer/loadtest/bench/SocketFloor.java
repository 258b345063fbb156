package dev.falconer.loadtest.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * What no server can go below on this machine: the same number of bytes over a loopback socket to
 * another thread, which runs the work and sends the answer's bytes back. Two threads to wake and
 * nothing else: no protocol, no parsing, no queue.
 */
final class SocketFloor implements AutoCloseable {
  private final byte[] request;
  private final byte[] reply;
  private final ServerSocket listener;
  private final Socket socket;

  /** Connects to a thread of its own; {@code work} runs there, once a call. */
  SocketFloor(int requestBytes, int replyBytes, Runnable work) {
    this.request = new byte[requestBytes];
    this.reply = new byte[replyBytes];
    try {
      listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      socket = new Socket(listener.getInetAddress(), listener.getLocalPort());
      socket.setTcpNoDelay(true);
      var accepted = listener.accept();
      accepted.setTcpNoDelay(true);
      Thread.ofPlatform().daemon().name("socket-floor").start(() -> serve(accepted, work));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve(Socket accepted, Runnable work) {
    var received = new byte[request.length];
    var answer = new byte[reply.length];
    try (accepted) {
      while (accepted.getInputStream().readNBytes(received, 0, received.length)
          == received.length) {
        work.run();
        accepted.getOutputStream().write(answer);
      }
    } catch (IOException _) {
      // The caller closed its side.
    }
  }

  /** Sends the request, waits for the whole reply and returns its length. */
  int call() {
    try {
      socket.getOutputStream().write(request);
      return socket.getInputStream().readNBytes(reply, 0, reply.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try (listener;
        socket) {
      // Both end here.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

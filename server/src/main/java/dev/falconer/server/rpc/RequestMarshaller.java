package dev.falconer.server.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import dev.falconer.server.domain.ErrorCode;
import dev.falconer.server.domain.RequestException;
import dev.falconer.server.wire.Received;
import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Reads a request straight off the transport's buffers: the parsed message's bytes fields alias
 * them, and the reader copies each column once, into aligned native memory, before this returns and
 * the transport takes its buffers back.
 *
 * <p>Never throws: a message that can't be read becomes a {@link Received} that says why, so that
 * the call ends with a status of {@link StatusTable}'s.
 *
 * @param <M> the message
 * @param <Q> the query
 */
final class RequestMarshaller<M, Q> implements MethodDescriptor.Marshaller<Received<Q>> {
  private final Parser<M> parser;
  private final Function<M, Received<Q>> reader;
  private final int maxBytes;

  RequestMarshaller(Parser<M> parser, Function<M, Received<Q>> reader, int maxBytes) {
    this.parser = parser;
    this.reader = reader;
    this.maxBytes = maxBytes;
  }

  @Override
  public Received<Q> parse(InputStream stream) {
    long arrival = System.nanoTime();
    try {
      var input = aliased(stream);
      M message = parser.parseFrom(input, ExtensionRegistryLite.getEmptyRegistry());
      input.checkLastTagWas(0);
      return reader.apply(message).at(arrival, System.nanoTime());
    } catch (InvalidProtocolBufferException e) {
      return Received.<Q>failed(
              RequestException.invalid("the message is no such request: " + e.getMessage()))
          .at(arrival, System.nanoTime());
    } catch (IOException e) {
      return Received.<Q>failed(
              new RequestException(
                  ErrorCode.CANCELLED, "the message could not be read: " + e.getMessage(), e))
          .at(arrival, System.nanoTime());
    }
  }

  private CodedInputStream aliased(InputStream stream) throws IOException {
    if (!(stream instanceof HasByteBuffer buffers)
        || !(stream instanceof KnownLength)
        || !buffers.byteBufferSupported()
        || !stream.markSupported()) {
      // Compressed messages and other transports: protobuf copies once more.
      return limited(CodedInputStream.newInstance(stream));
    }
    // The mark keeps buffers that were skipped until the stream closes, after parse returned.
    stream.mark(stream.available());
    List<ByteString> parts = new ArrayList<>(4);
    while (stream.available() > 0) {
      ByteBuffer part = buffers.getByteBuffer();
      if (part == null) {
        throw new IOException("the transport gave no buffer");
      }
      parts.add(UnsafeByteOperations.unsafeWrap(part));
      stream.skipNBytes(part.remaining());
    }
    var input = ByteString.copyFrom(parts).newCodedInput();
    input.enableAliasing(true);
    return limited(input);
  }

  private CodedInputStream limited(CodedInputStream input) {
    input.setSizeLimit(maxBytes);
    return input;
  }

  @Override
  public InputStream stream(Received<Q> value) {
    throw new UnsupportedOperationException("a server sends no requests");
  }
}

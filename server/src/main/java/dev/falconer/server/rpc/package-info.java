/** The gRPC edge: services, marshallers, status codes. The only user of io.grpc. */
@NullMarked
package dev.falconer.server.rpc;

import org.jspecify.annotations.NullMarked;

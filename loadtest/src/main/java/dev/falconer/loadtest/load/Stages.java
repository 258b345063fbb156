package dev.falconer.loadtest.load;

/**
 * Where the time of an answered request went, mean microseconds; they add up to the latency seen by
 * the client.
 *
 * @param waiting from the intended start to the call: a late client, or one without a free slot
 * @param network the call less the server's total: wire, gRPC, queues before decoding
 * @param decode reading the request
 * @param state waiting for another request that encodes the same user
 * @param encode encoding the history
 * @param score scoring the candidates
 * @param rest what the server's total holds besides
 */
public record Stages(
    double waiting,
    double network,
    double decode,
    double state,
    double encode,
    double score,
    double rest) {}

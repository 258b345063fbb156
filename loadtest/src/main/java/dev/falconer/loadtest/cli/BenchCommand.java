package dev.falconer.loadtest.cli;

import picocli.CommandLine.Command;

@Command(
    name = "bench",
    description = "Measures the server beside bare ONNX Runtime.",
    subcommands = BenchServerCommand.class)
final class BenchCommand {}

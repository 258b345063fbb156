package dev.falconer.compressor.cli;

import picocli.CommandLine.Command;

/** Groups the benchmarks of this module. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    subcommands = {BenchCandidateCommand.class, BenchModelCommand.class, BenchSplitCommand.class},
    description = "Measures latency: of a model in every way it may be served.",
    footer = {"", "Example:", "  falconer bench model --shape L=64,d=32,h=2 --m 64,256 --quick"})
final class BenchCommand {}

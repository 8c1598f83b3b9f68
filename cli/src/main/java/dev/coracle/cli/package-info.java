/**
 * The {@code coracle} command. {@link dev.coracle.cli.Main} lists the subcommands; each is one class of its name.
 * {@code demo} builds FlowForge's images and brings FlowForge up; {@code lab} is the course's exercises.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.cli;

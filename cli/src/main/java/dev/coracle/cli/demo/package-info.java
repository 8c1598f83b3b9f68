/** The main job: FlowForge's images, built offline, and FlowForge itself, applied and watched until it serves. */
@org.jspecify.annotations.NullMarked
package dev.coracle.cli.demo;

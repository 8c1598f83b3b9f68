/**
 * What the stories stand on: {@link dev.coracle.e2e.harness.Coracle} is the command as a user runs it, with a home of the
 * tests' own; {@link dev.coracle.e2e.harness.DemoCluster} is one cluster with FlowForge that the stories share;
 * {@link dev.coracle.e2e.harness.Kubectl} is the real kubectl where one is installed, else Coracle's own.
 */
@NullMarked
package dev.coracle.e2e.harness;

import org.jspecify.annotations.NullMarked;

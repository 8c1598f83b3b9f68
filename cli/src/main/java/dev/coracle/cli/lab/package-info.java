/**
 * The course's labs. An {@link dev.coracle.cli.lab.Exercise} is one YAML file below {@code labs/}: what is applied when
 * it starts, {@link dev.coracle.cli.lab.Check}s in the language of Kubernetes' own validation rules, and hints. A
 * {@link dev.coracle.cli.lab.Breakage} is one entry of lab 6's list. {@link dev.coracle.cli.lab.Course} reads them,
 * {@link dev.coracle.cli.lab.Teacher} holds one against a cluster.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.cli.lab;

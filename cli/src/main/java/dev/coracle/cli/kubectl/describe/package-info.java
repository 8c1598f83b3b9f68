/**
 * {@code kubectl describe}: one class for each kind that has a layout of its own, and one for all others. Layouts are
 * those of {@code k8s.io/kubectl/pkg/describe}.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.cli.kubectl.describe;

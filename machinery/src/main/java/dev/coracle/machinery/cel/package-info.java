/**
 * What expressions of Kubernetes have in common, wherever they are written: Google's Common Expression Language with
 * the libraries that {@code k8s.io/apiserver/pkg/cel/library} adds, and a bound on what evaluating may cost.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.machinery.cel;

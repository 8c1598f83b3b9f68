/**
 * What objects use up and which quotas count them: {@code k8s.io/kubernetes/pkg/quota/v1}. Who admits objects and who
 * writes a quota's status must count alike.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.machinery.quota;

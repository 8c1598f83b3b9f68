/**
 * Certificates for who asks the API for one ({@code pkg/controller/certificates}): approved for kubelets that may have one,
 * signed by the cluster's authority once approved, and forgotten after a while.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.certificates;

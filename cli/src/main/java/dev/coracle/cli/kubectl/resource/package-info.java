/**
 * What command lines and manifests name: {@link dev.coracle.cli.kubectl.resource.Catalog} knows the server's resources,
 * {@link dev.coracle.cli.kubectl.resource.Targets} reads {@code pods web} and {@code deploy/web},
 * {@link dev.coracle.cli.kubectl.resource.Manifests} reads {@code -f} and {@code -k}.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.cli.kubectl.resource;

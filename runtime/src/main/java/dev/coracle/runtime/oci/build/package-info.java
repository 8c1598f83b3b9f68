/**
 * Makes container images out of files, offline and reproducibly: equal content gives equal bytes, hence equal ids.
 * {@link dev.coracle.runtime.oci.build.ImageBuilder} writes the archive;
 * {@link dev.coracle.runtime.oci.build.BaseImage} has a small Linux taken from the machine's own files to stand on.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.runtime.oci.build;

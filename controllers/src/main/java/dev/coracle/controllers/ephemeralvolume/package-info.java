/** Claims for the volumes that pods bring along: {@code spec.volumes[].ephemeral}. They go with their pod. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.ephemeralvolume;

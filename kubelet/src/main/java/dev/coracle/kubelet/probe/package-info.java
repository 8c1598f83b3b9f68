/** Asks containers whether they have started, are ready and are alive, on their own schedules. */
@org.jspecify.annotations.NullMarked
package dev.coracle.kubelet.probe;

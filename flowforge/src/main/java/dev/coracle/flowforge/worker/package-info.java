/** The worker-service: claims tasks and runs them; {@link dev.coracle.flowforge.type.TaskTypes} lists what it can do. */
@org.jspecify.annotations.NullMarked
package dev.coracle.flowforge.worker;

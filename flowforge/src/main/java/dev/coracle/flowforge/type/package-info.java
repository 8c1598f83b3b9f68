/**
 * The kinds of work there are: {@link dev.coracle.flowforge.type.TaskTypes} lists them, each with what its payload may
 * hold and what it does. The api-service refuses by this list what a worker could only fail at; the worker-service works
 * by it; {@code /api}, {@code /openapi.json} and the page show it.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.flowforge.type;

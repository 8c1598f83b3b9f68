/** The api-service: tasks over HTTP. */
@org.jspecify.annotations.NullMarked
package dev.coracle.flowforge.api;

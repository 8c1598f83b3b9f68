/**
 * What every other module stands on: the environment that brings in time, randomness and threads ({@code env}), JSON
 * and YAML trees ({@code json}), API objects ({@code object}), schema, selectors, quantities and patches.
 *
 * <p>Nothing here knows of a store, a network or a process.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.machinery;

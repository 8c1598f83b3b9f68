/** Budgets for disruptions: how many pods may be taken away now ({@code pkg/controller/disruption}). */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.disruption;

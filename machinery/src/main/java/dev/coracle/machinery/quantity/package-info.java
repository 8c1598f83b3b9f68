/** Amounts of resources ({@code 500m}, {@code 1Gi}) with exact arithmetic. */
@org.jspecify.annotations.NullMarked
package dev.coracle.machinery.quantity;

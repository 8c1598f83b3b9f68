/** Writes into each ResourceQuota how much of it is used. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.resourcequota;

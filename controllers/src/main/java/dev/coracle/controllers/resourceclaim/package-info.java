/** Claims to devices that are made for pods, and what becomes of claims when their pods have ended. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.resourceclaim;

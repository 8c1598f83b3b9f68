/**
 * The group {@code resource.k8s.io}: devices that drivers offer in ResourceSlices, and claims to them.
 *
 * <p>A claim asks by class, expressions and counts; a scheduler writes into its status which devices it got, and drivers
 * how these do. Rules that several kinds share have a class each: {@link ClaimRules} for what is asked, {@link
 * AllocationRules} for what is given, {@link DeviceRules} for what is there.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.builtin.resource;

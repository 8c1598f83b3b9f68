/**
 * The ranges that Services have their addresses from, and the account of those addresses. The API server writes an
 * IPAddress with each Service and removes it with it; {@code ServiceCidrController} says of a range whether it may be
 * allocated from and holds it while addresses need it, {@code AddressRepairController} puts right what somebody else did
 * to the account. {@code Prefix} is the arithmetic, {@code Account} what an IPAddress says.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.servicecidrs;

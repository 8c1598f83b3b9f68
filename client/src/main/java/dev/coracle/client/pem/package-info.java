/** Certificates and keys as text (RFC 7468), read and written by Bouncy Castle: everybody who meets them asks here. */
@org.jspecify.annotations.NullMarked
package dev.coracle.client.pem;

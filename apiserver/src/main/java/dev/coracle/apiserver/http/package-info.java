/**
 * HTTPS, and which path means what. In which form an answer goes out is {@code Representation}'s to say, after the client's
 * {@code Accept}; {@code Encodings} makes it, and {@code Bodies} reads what clients send.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.http;

/** HTTPS, and which path means what. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.http;

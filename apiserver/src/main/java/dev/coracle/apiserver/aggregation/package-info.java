/**
 * APIs that other servers answer for. An APIService says who serves a group and version: this server itself, which {@link
 * dev.coracle.apiserver.aggregation.LocalServices} writes down, or the server behind a Service. To the latter requests
 * are carried on once it is known who sent them and that they may, and it believes what this server says about them
 * because of the certificate it shows.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.aggregation;

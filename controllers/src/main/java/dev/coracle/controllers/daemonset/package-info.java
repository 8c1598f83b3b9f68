/**
 * DaemonSets: a pod on every node that fits. {@code NodeFit} says which those are; {@code Daemon} and {@code Place} what is
 * there; {@code Roster} decides from them what is to be made and deleted, for good order and for an update, and counts;
 * {@code Template} is what is made.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.daemonset;

/**
 * Stories told with client libraries of other makes, over each of their HTTP stacks, on one cluster that they share
 * ({@link dev.coracle.clients.SharedCluster}). Each library walks the same way: reads and changes objects, watches, uploads
 * a file into a container, follows a log, forwards a port, elects a leader. A client keeps habits of its own in each of
 * these, and a server that was tried with one client alone knows only that one's. On top of them come what people bring with
 * such clients: a chart by Helm, and an operator on a framework, with a definition in two versions that its own webhook converts.
 */
@NullMarked
package dev.coracle.clients;

import org.jspecify.annotations.NullMarked;

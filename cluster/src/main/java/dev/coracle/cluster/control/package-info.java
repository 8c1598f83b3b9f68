/**
 * How the command line speaks to the process that runs a cluster, about what no Kubernetes API knows, such as pulling a
 * node's plug: one JSON object each way over a socket that only the cluster's user may open.
 *
 * <pre>
 * {"words": ["node", "stop", "coracle-worker"]}      {"text": "node coracle-worker is stopped"}
 * {"words": ["node", "stop", "nobody"]}              {"error": "there is no node \"nobody\"; ..."}
 * </pre>
 */
@NullMarked
package dev.coracle.cluster.control;

import org.jspecify.annotations.NullMarked;

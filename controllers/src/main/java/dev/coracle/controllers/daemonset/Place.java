package dev.coracle.controllers.daemonset;

import java.util.List;

/**
 * A node, and the daemons on it or meant for it.
 *
 * @param exists whether there is such a node
 * @param daemons in {@link Daemon#ORDER}; those that ended and are going already are not among them
 */
record Place(String node, boolean exists, NodeFit fit, List<Daemon> daemons) {
    List<Daemon> living() {
        return daemons.stream().filter(d -> !d.terminating()).toList();
    }
}

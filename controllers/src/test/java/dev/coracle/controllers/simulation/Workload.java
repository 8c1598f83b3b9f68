package dev.coracle.controllers.simulation;

import dev.coracle.machinery.object.GroupVersionResource;

/** One workload: what is asked for, what must hold at each step, and what must be at the end. */
interface Workload {
    void begin(Simulation s);

    /** Its user wants something else. */
    void disturb(Simulation s);

    /** Before a controller's write. */
    default void before(Simulation s, String what, GroupVersionResource resource, String name) {}

    /** After any write. */
    void look(Simulation s);

    void converged(Simulation s);
}

package dev.coracle.scheduler.plugin.schedulinggates;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Plugin;

/** The API server says so in the pod's condition; an update that removes the last gate queues the pod. */
public final class SchedulingGates implements Plugin.PreEnqueue {
    @Override
    public String name() {
        return "SchedulingGates";
    }

    @Override
    public boolean mayEnter(Unstructured pod) {
        return pod.objects("spec", "schedulingGates").isEmpty();
    }
}

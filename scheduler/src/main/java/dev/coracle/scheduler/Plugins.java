package dev.coracle.scheduler;

import dev.coracle.client.Client;
import dev.coracle.client.Informers;
import dev.coracle.machinery.env.Entropy;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.plugin.defaultpreemption.DefaultPreemption;
import dev.coracle.scheduler.plugin.imagelocality.ImageLocality;
import dev.coracle.scheduler.plugin.interpodaffinity.InterPodAffinity;
import dev.coracle.scheduler.plugin.nodeaffinity.NodeAffinity;
import dev.coracle.scheduler.plugin.nodename.NodeName;
import dev.coracle.scheduler.plugin.nodeports.NodePorts;
import dev.coracle.scheduler.plugin.noderesources.NodeResourcesBalancedAllocation;
import dev.coracle.scheduler.plugin.noderesources.NodeResourcesFit;
import dev.coracle.scheduler.plugin.nodeunschedulable.NodeUnschedulable;
import dev.coracle.scheduler.plugin.podtopologyspread.PodTopologySpread;
import dev.coracle.scheduler.plugin.schedulinggates.SchedulingGates;
import dev.coracle.scheduler.plugin.tainttoleration.TaintToleration;
import dev.coracle.scheduler.plugin.volumebinding.VolumeBinding;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Every plugin there is, in the order in which filters are asked, with the weight of its score. */
final class Plugins {
    /** @param weight of the score; nothing to those without one */
    record Weighted(Plugin.Scores plugin, long weight) {}

    private final List<Plugin> all = new ArrayList<>();
    private final List<Weighted> scores = new ArrayList<>();
    private final List<BooleanSupplier> synced = new ArrayList<>();

    Plugins(Client client, Informers informers, Entropy entropy) {
        var volumes = new VolumeBinding(client, informers);
        var spread = new PodTopologySpread(informers);
        var preemption = new DefaultPreemption(informers, entropy);
        synced.add(volumes::synced);
        synced.add(spread::synced);
        synced.add(preemption::synced);

        add(new SchedulingGates(), 0);
        add(new NodeUnschedulable(), 0);
        add(new NodeName(), 0);
        add(new TaintToleration(), 3);
        add(new NodeAffinity(), 2);
        add(new NodePorts(), 0);
        add(new NodeResourcesFit(), 1);
        add(volumes, 100); // More than all others together: its preference is a provisioner at work.
        add(spread, 2);
        add(new InterPodAffinity(), 2);
        add(preemption, 0);
        add(new NodeResourcesBalancedAllocation(), 1);
        add(new ImageLocality(), 1);
    }

    private void add(Plugin plugin, long weight) {
        all.add(plugin);
        if (plugin instanceof Plugin.Scores s) {
            scores.add(new Weighted(s, weight));
        }
    }

    /** Those that take part at a point, in order. */
    <T extends Plugin> List<T> at(Class<T> point) {
        return all.stream().filter(point::isInstance).map(point::cast).toList();
    }

    List<Weighted> scores() {
        return List.copyOf(scores);
    }

    boolean synced() {
        return synced.stream().allMatch(BooleanSupplier::getAsBoolean);
    }
}

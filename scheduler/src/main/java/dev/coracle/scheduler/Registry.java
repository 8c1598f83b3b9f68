package dev.coracle.scheduler;

import dev.coracle.client.Client;
import dev.coracle.client.Informers;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.env.Entropy;
import dev.coracle.scheduler.config.Fields;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.WaitingPods;
import dev.coracle.scheduler.plugin.defaultpreemption.DefaultPreemption;
import dev.coracle.scheduler.plugin.dynamicresources.ClaimLedger;
import dev.coracle.scheduler.plugin.dynamicresources.DynamicResources;
import dev.coracle.scheduler.plugin.imagelocality.ImageLocality;
import dev.coracle.scheduler.plugin.interpodaffinity.InterPodAffinity;
import dev.coracle.scheduler.plugin.nodeaffinity.NodeAffinity;
import dev.coracle.scheduler.plugin.nodeaffinity.NodeAffinityArgs;
import dev.coracle.scheduler.plugin.nodename.NodeName;
import dev.coracle.scheduler.plugin.nodeports.NodePorts;
import dev.coracle.scheduler.plugin.noderesources.NodeResourcesBalancedAllocation;
import dev.coracle.scheduler.plugin.noderesources.NodeResourcesFit;
import dev.coracle.scheduler.plugin.noderesources.NodeResourcesFitArgs;
import dev.coracle.scheduler.plugin.nodeunschedulable.NodeUnschedulable;
import dev.coracle.scheduler.plugin.nodevolumelimits.NodeVolumeLimits;
import dev.coracle.scheduler.plugin.podtopologyspread.PodTopologySpread;
import dev.coracle.scheduler.plugin.podtopologyspread.PodTopologySpreadArgs;
import dev.coracle.scheduler.plugin.schedulinggates.SchedulingGates;
import dev.coracle.scheduler.plugin.tainttoleration.TaintToleration;
import dev.coracle.scheduler.plugin.volumebinding.VolumeBinding;
import dev.coracle.scheduler.plugin.volumerestrictions.VolumeRestrictions;
import dev.coracle.scheduler.plugin.volumezone.VolumeZone;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Every plugin there is, in the order in which filters are asked by default, with the weight of its score. */
final class Registry {
    static final List<Row> ROWS = List.of(
            row("SchedulingGates", SchedulingGates.class, 0, w -> new SchedulingGates()),
            row("PrioritySort", Point.QUEUE_SORT),
            row("NodeUnschedulable", NodeUnschedulable.class, 0, w -> new NodeUnschedulable()),
            row("NodeName", NodeName.class, 0, w -> new NodeName()),
            row("TaintToleration", TaintToleration.class, 3, w -> new TaintToleration()),
            row("NodeAffinity", NodeAffinity.class, 2, NodeAffinityArgs::of, (a, w) -> new NodeAffinity(a)),
            row("NodePorts", NodePorts.class, 0, w -> new NodePorts()),
            row(
                    "NodeResourcesFit",
                    NodeResourcesFit.class,
                    1,
                    NodeResourcesFitArgs::of,
                    (a, w) -> new NodeResourcesFit(a)),
            row("VolumeRestrictions", VolumeRestrictions.class, 0, w -> new VolumeRestrictions(w.informers)),
            row("NodeVolumeLimits", NodeVolumeLimits.class, 0, w -> new NodeVolumeLimits(w.informers)),
            // More than all others together: its preference is a provisioner at work.
            row(
                    "VolumeBinding",
                    VolumeBinding.class,
                    100,
                    VolumeBinding.Args::of,
                    (a, w) -> new VolumeBinding(a, w.client, w.informers)),
            row("VolumeZone", VolumeZone.class, 0, w -> new VolumeZone(w.informers)),
            row(
                    "PodTopologySpread",
                    PodTopologySpread.class,
                    2,
                    PodTopologySpreadArgs::of,
                    (a, w) -> new PodTopologySpread(a, w.informers)),
            row(
                    "InterPodAffinity",
                    InterPodAffinity.class,
                    2,
                    InterPodAffinity.Args::of,
                    (a, w) -> new InterPodAffinity(a)),
            row(
                    "DynamicResources",
                    DynamicResources.class,
                    0,
                    w -> new DynamicResources(w.client, w.informers, w.claims, w.clock, w.entropy)),
            row(
                    "DefaultPreemption",
                    DefaultPreemption.class,
                    0,
                    DefaultPreemption.Args::of,
                    (a, w) -> new DefaultPreemption(a, w.informers, w.entropy)),
            row(
                    "NodeResourcesBalancedAllocation",
                    NodeResourcesBalancedAllocation.class,
                    1,
                    NodeResourcesBalancedAllocation.Args::of,
                    (a, w) -> new NodeResourcesBalancedAllocation(a)),
            row("ImageLocality", ImageLocality.class, 1, w -> new ImageLocality()),
            row("DefaultBinder", Point.BIND));

    private Registry() {}

    /** What plugins are made of; all profiles share it. */
    record World(
            Client client, Informers informers, Entropy entropy, WaitingPods waiting, Clock clock, ClaimLedger claims) {
        World(Client client, Informers informers, Entropy entropy, WaitingPods waiting, Clock clock) {
            this(client, informers, entropy, waiting, clock, new ClaimLedger(informers));
        }
    }

    /** Makes a plugin whose arguments are read; nothing for those that are the scheduler itself. */
    interface Factory extends Function<World, Optional<Plugin>> {}

    /**
     * @param weight of its score by default
     * @param points where it can take part
     * @param args reads its arguments
     */
    record Row(String name, long weight, Set<Point> points, boolean hasArgs, Function<Fields, Factory> args) {}

    static Optional<Row> of(String name) {
        return ROWS.stream().filter(r -> r.name.equals(name)).findFirst();
    }

    private static <A> Row row(
            String name,
            Class<? extends Plugin> type,
            long weight,
            Function<Fields, A> args,
            BiFunction<A, World, Plugin> make) {
        return new Row(name, weight, points(type), true, fields -> {
            A read = args.apply(fields);
            return world -> Optional.of(make.apply(read, world));
        });
    }

    private static Row row(String name, Class<? extends Plugin> type, long weight, Function<World, Plugin> make) {
        return new Row(name, weight, points(type), false, fields -> world -> Optional.of(make.apply(world)));
    }

    /** One whose work is the queue's or the binding's own. */
    private static Row row(String name, Point point) {
        return new Row(name, 0, Set.of(point), false, fields -> world -> Optional.empty());
    }

    private static Set<Point> points(Class<? extends Plugin> type) {
        Set<Point> points = EnumSet.noneOf(Point.class);
        for (Point p : Point.values()) {
            if (p.isOf(type)) {
                points.add(p);
            }
        }
        return points;
    }
}

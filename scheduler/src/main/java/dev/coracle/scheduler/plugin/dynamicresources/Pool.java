package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.machinery.quantity.Quantity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All devices of one pool, as its driver told it last. While a driver replaces its slices a pool is incomplete, and one whose
 * slices contradict each other is invalid: nothing is allocated from either.
 *
 * @param devices by slice and place in it, so that the first that fit are the same for all
 */
record Pool(
        Slice.PoolId id,
        List<Device> devices,
        Map<Counters.Name, Quantity> counters,
        boolean isIncomplete,
        boolean isInvalid) {
    /** Those first whose devices can be had at once, without conditions to wait for. */
    private static final Comparator<Pool> ORDER = Comparator.comparing(Pool::hasConditions)
            .thenComparing(p -> p.id.driver())
            .thenComparing(p -> p.id.pool());

    static List<Pool> of(Collection<Slice> slices) {
        Map<Slice.PoolId, List<Slice>> newest = new HashMap<>();
        for (Slice s : slices) {
            List<Slice> known = newest.computeIfAbsent(s.pool(), p -> new ArrayList<>());
            if (!known.isEmpty() && s.generation() > known.getFirst().generation()) {
                known.clear();
            }
            if (known.isEmpty() || s.generation() == known.getFirst().generation()) {
                known.add(s);
            }
        }
        return newest.entrySet().stream()
                .map(e -> of(e.getKey(), e.getValue()))
                .sorted(ORDER)
                .toList();
    }

    private static Pool of(Slice.PoolId id, List<Slice> slices) {
        List<Device> devices = new ArrayList<>();
        Map<Counters.Name, Quantity> counters = new HashMap<>();
        Set<String> names = new HashSet<>();
        Set<String> sets = new HashSet<>();
        boolean invalid = false;
        for (Slice s : slices.stream().sorted(Comparator.comparing(Slice::name)).toList()) {
            for (Device d : s.devices()) {
                invalid |= !names.add(d.id.device());
                devices.add(d);
            }
            for (String set : s.sets()) {
                invalid |= !sets.add(set);
            }
            counters.putAll(s.counters());
            invalid |= s.isInvalid();
        }
        invalid |= devices.stream().flatMap(d -> d.shares.stream()).anyMatch(s -> !counters.containsKey(s.name()));
        boolean incomplete = slices.size() != slices.getFirst().slices();
        return new Pool(id, devices, counters, incomplete, invalid && !incomplete);
    }

    boolean isUsable() {
        return !isIncomplete && !isInvalid;
    }

    private boolean hasConditions() {
        return devices.stream().anyMatch(Device::hasConditions);
    }
}

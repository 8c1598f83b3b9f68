package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A ResourceSlice, read once per change.
 *
 * @param generation of the pool: what is of an older one than others is out of date
 * @param slices of how many the pool consists
 * @param isInvalid whether it has two sets of counters of one name
 */
record Slice(
        String name,
        PoolId pool,
        long generation,
        long slices,
        List<Device> devices,
        Map<Counters.Name, Quantity> counters,
        Set<String> sets,
        boolean isInvalid) {
    record PoolId(String driver, String pool) {
        @Override
        public String toString() {
            return driver + "/" + pool;
        }
    }

    static Slice of(Unstructured slice) {
        Unstructured spec = slice.object("spec");
        PoolId pool = new PoolId(spec.string("driver"), spec.string("pool", "name"));
        boolean each = spec.bool("perDeviceNodeSelection");
        Place whole = Place.of(spec);
        List<Device> devices = new ArrayList<>();
        for (Unstructured d : spec.objects("devices")) {
            DeviceId id = new DeviceId(pool.driver, pool.pool, d.string("name"));
            devices.add(new Device(id, d, each ? Place.of(d) : whole));
        }
        Map<Counters.Name, Quantity> counters = new HashMap<>();
        Set<String> sets = new HashSet<>();
        boolean invalid = false;
        for (Unstructured set : spec.objects("sharedCounters")) {
            invalid |= !sets.add(set.string("name"));
            counters.putAll(Counters.read(set, set.string("name")));
        }
        return new Slice(
                slice.name(),
                pool,
                spec.integer(0, "pool", "generation"),
                spec.integer(0, "pool", "resourceSliceCount"),
                devices,
                counters,
                sets,
                invalid);
    }
}

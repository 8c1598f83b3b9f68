package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is left of the things that devices of a pool are made of: where a card can be cut up in several ways, each part that is
 * allocated takes memory and cores from the same counters.
 */
final class Counters {
    record Name(String set, String counter) {}

    /** What a device takes from a counter. */
    record Share(Name name, Quantity amount) {}

    private final Map<Name, Quantity> left;

    private Counters(Map<Name, Quantity> left) {
        this.left = left;
    }

    static Counters of(Map<Name, Quantity> all) {
        return new Counters(new HashMap<>(all));
    }

    static List<Share> shares(Unstructured device) {
        List<Share> shares = new ArrayList<>();
        for (Unstructured set : device.objects("consumesCounters")) {
            read(set, set.string("counterSet")).forEach((name, amount) -> shares.add(new Share(name, amount)));
        }
        return shares;
    }

    /** @param set of a device or of a slice */
    static Map<Name, Quantity> read(Unstructured set, String name) {
        Map<Name, Quantity> amounts = new HashMap<>();
        Unstructured counters = set.object("counters");
        for (String counter : counters.map().keySet()) {
            amounts.put(
                    new Name(name, counter),
                    Quantity.of(counters.object(counter).get("value")));
        }
        return amounts;
    }

    Counters copy() {
        return of(left);
    }

    /** What is allocated already may be more than there is. */
    void take(Device device) {
        device.shares.forEach(s -> left.computeIfPresent(s.name, (n, had) -> had.minus(s.amount)));
    }

    void give(Device device) {
        device.shares.forEach(s -> left.computeIfPresent(s.name, (n, had) -> had.plus(s.amount)));
    }

    /** Whether there is enough of everything. */
    boolean suffice() {
        return left.values().stream().allMatch(q -> q.signum() >= 0);
    }
}

package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.machinery.cel.Budget;
import dev.coracle.machinery.cel.DeviceSelector;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Memo;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.PluginFailure;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds devices for what one pod's claims ask, on one node or another. Of one thread, which many pods wait for: what may be
 * tried for one pod is bounded.
 */
final class Allocator {
    /** Ends a search; an error, since a search goes on after less. */
    static final class Exhausted extends Error {
        private static final long serialVersionUID = 1;

        Exhausted() {
            super("timed out trying to allocate devices", null, false, false);
        }
    }

    private static final long MOST_STEPS = 1_000_000;
    /** What expressions may cost for one pod; what was found out is known the next time. */
    private static final long MOST_COST = 20_000_000;

    private final List<Pool> pools;
    private final Taken taken;
    private final Memo<String, DeviceSelector> selectors;
    private final Map<Slice.PoolId, Counters> left = new HashMap<>();
    private final Budget budget = new Budget(MOST_COST);
    private long steps;

    /** @param selectors those that were read last */
    Allocator(List<Pool> pools, Taken taken, Memo<String, DeviceSelector> selectors) {
        this.pools = pools;
        this.taken = taken;
        this.selectors = selectors;
    }

    List<Pool> pools() {
        return pools;
    }

    Taken taken() {
        return taken;
    }

    /**
     * What each claim gets on a node, or nothing when they cannot all be met there.
     *
     * @throws PluginFailure when something is wrong with a claim, a class or a device
     * @throws Exhausted when that would take too long
     */
    Optional<List<Search.Chosen>> allocate(NodeInfo node, List<Ask.Claim> claims) {
        Search search = new Search(this, node, claims);
        Optional<List<Search.Chosen>> found = search.run();
        if (found.isEmpty() && search.sawInvalid()) {
            throw new InvalidPools();
        }
        return found;
    }

    /** Nothing was found on a node, and some devices there could not be looked at. */
    static final class InvalidPools extends RuntimeException {
        private static final long serialVersionUID = 1;

        InvalidPools() {
            super("invalid resource pools were encountered", null, false, false);
        }
    }

    void step() {
        if (++steps > MOST_STEPS) {
            throw new Exhausted();
        }
    }

    /** What is left of a pool's counters beside what is allocated. */
    Counters left(Pool pool) {
        return left.computeIfAbsent(pool.id(), id -> {
            Counters counters = Counters.of(pool.counters());
            pool.devices().stream()
                    .filter(d -> taken.isWhole(d.id) || taken.isShared(d.id))
                    .forEach(counters::take);
            return counters;
        });
    }

    /** Whether the expressions of the class and of the request choose the device. */
    boolean suits(Ask ask, Device device) {
        List<Unstructured> ofClass = ask.deviceClass().objects("spec", "selectors");
        return choose("class " + ask.deviceClass().name(), Ask.expressions(ofClass), device)
                && choose("claim " + ask.claim(), ask.selectors(), device);
    }

    private boolean choose(String whose, List<String> expressions, Device device) {
        for (int i = 0; i < expressions.size(); i++) {
            String expression = expressions.get(i);
            try {
                if (!device.matches(expression, selectors.of(expression, DeviceSelector::of), budget)) {
                    return false;
                }
            } catch (IllegalArgumentException e) {
                throw new PluginFailure(whose + ": selector #" + i + ": CEL compile error: " + e.getMessage());
            } catch (IllegalStateException e) {
                throw new PluginFailure(whose + ": selector #" + i + " on device " + device.id + ": CEL runtime error: "
                        + enhanced(String.valueOf(e.getMessage())));
            } catch (Budget.Spent e) {
                throw new Exhausted();
            }
        }
        return true;
    }

    private static String enhanced(String why) {
        return why.startsWith("no such key:")
                ? why + ". Consider using CEL optional chaining (?), has() macro, or orValue() for optional fields"
                : why;
    }
}

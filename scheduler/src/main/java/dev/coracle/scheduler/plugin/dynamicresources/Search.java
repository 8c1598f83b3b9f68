package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.machinery.quantity.Quantity;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.PluginFailure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Looks for devices of one node for all that is asked: claim by claim, request by request, device by device. What does not lead
 * to an end is given back, and the next device, or the next alternative of a request, is tried; the first solution is taken. As
 * upstream, the devices of one request are tried in one order only, for another order is no other solution.
 *
 * <pre>
 *   claims      one: gpu ×2, all of the same model         devices   g0 (a), g1 (b), g2 (b)
 *   g0          g0 g1 ✗   g0 g2 ✗   give g0 back
 *   g1          g1 g2 ✓
 * </pre>
 */
final class Search {
    private static final int MOST_RESULTS = 32;

    private enum Found {
        YES,
        NO,
        /** Whatever devices: a claim can have so many and no more. */
        TOO_MANY
    }

    /** @param share what is taken of a device that others may have, too */
    record Choice(Ask ask, Device device, Map<String, Quantity> share) {}

    /** For a claim, which devices, and by which alternative of each request. */
    record Chosen(Ask.Claim claim, List<Choice> devices, List<Ask> asks) {}

    private final Allocator allocator;
    private final NodeInfo node;
    private final List<Ask.Claim> claims;
    private final List<Device> candidates = new ArrayList<>();
    private final Map<DeviceId, Pool> pools = new HashMap<>();
    private final Map<Ask, List<Device>> everything = new IdentityHashMap<>();
    private final List<List<Constraint>> constraints = new ArrayList<>();
    private final List<List<Choice>> results = new ArrayList<>();
    private final List<Ask[]> asks = new ArrayList<>();
    /** Devices that are chosen, and for which claims. */
    private final Map<DeviceId, Set<Integer>> chosen = new HashMap<>();

    private final Map<DeviceId, List<Map<String, Quantity>>> shares = new HashMap<>();
    private final Map<Slice.PoolId, Counters> counters = new HashMap<>();
    private boolean sawInvalid;

    Search(Allocator allocator, NodeInfo node, List<Ask.Claim> claims) {
        this.allocator = allocator;
        this.node = node;
        this.claims = claims;
    }

    /** Whether a pool here is told of in a way that nobody can understand. */
    boolean sawInvalid() {
        return sawInvalid;
    }

    /** What each claim gets, or nothing when they cannot all be met here. */
    Optional<List<Chosen>> run() {
        List<Pool> here = new ArrayList<>();
        for (Pool p : allocator.pools()) {
            List<Device> reachable =
                    p.devices().stream().filter(d -> d.place.includes(node)).toList();
            if (reachable.isEmpty()) {
                continue;
            }
            here.add(p);
            sawInvalid |= p.isInvalid();
            if (p.isUsable()) {
                candidates.addAll(reachable);
                reachable.forEach(d -> pools.put(d.id, p));
            }
        }
        for (Ask.Claim c : claims) {
            prepare(c, here);
        }
        if (claim(0) != Found.YES) {
            return Optional.empty();
        }
        List<Chosen> all = new ArrayList<>();
        for (int c = 0; c < claims.size(); c++) {
            all.add(new Chosen(claims.get(c), results.get(c), List.of(asks.get(c))));
        }
        return Optional.of(all);
    }

    private void prepare(Ask.Claim claim, List<Pool> here) {
        long least = 0;
        for (List<Ask> alternatives : claim.requests()) {
            long fewest = Long.MAX_VALUE;
            for (Ask ask : alternatives) {
                if (ask.all()) {
                    everything.put(ask, everything(ask, here));
                }
                fewest = Math.min(fewest, count(ask));
            }
            least += Math.min(fewest, Integer.MAX_VALUE);
        }
        if (least > MOST_RESULTS) {
            throw new PluginFailure("claim " + claim.name() + ": number of requested devices " + least
                    + " exceeds the claim limit of " + MOST_RESULTS);
        }
        constraints.add(Constraint.of(claim));
        results.add(new ArrayList<>());
        asks.add(new Ask[claim.requests().size()]);
    }

    private List<Device> everything(Ask ask, List<Pool> here) {
        for (Pool p : here) {
            if (!p.isUsable()) {
                throw new PluginFailure("claim " + ask.claim() + ", request " + ask.name()
                        + ": asks for all devices, but resource pool " + p.id() + " is currently "
                        + (p.isIncomplete() ? "being updated" : "invalid"));
            }
        }
        return candidates.stream()
                .filter(d -> allocator.suits(ask, d) && share(ask, d).isPresent())
                .toList();
    }

    private long count(Ask ask) {
        return ask.all() ? everything.getOrDefault(ask, List.of()).size() : ask.count();
    }

    private Found claim(int c) {
        return c == claims.size() ? Found.YES : request(c, 0);
    }

    private Found request(int c, int r) {
        List<List<Ask>> requests = claims.get(c).requests();
        if (r == requests.size()) {
            Found found = claim(c + 1);
            // Another choice for this claim may leave the next one an alternative that needs fewer.
            return found == Found.TOO_MANY ? Found.NO : found;
        }
        boolean always = true;
        for (Ask ask : requests.get(r)) {
            asks.get(c)[r] = ask;
            Found found = device(c, r, ask, 0, 0);
            if (found == Found.YES) {
                return found;
            }
            always &= found == Found.TOO_MANY;
        }
        return always ? Found.TOO_MANY : Found.NO;
    }

    /**
     * @param n how many devices the request has got already
     * @param start the first candidate that was not looked at for it
     */
    private Found device(int c, int r, Ask ask, int n, int start) {
        long count = count(ask);
        if (ask.all() && count == 0) {
            return Found.NO;
        }
        if (n >= count) {
            return request(c, r + 1);
        }
        if (results.get(c).size() + count - n > MOST_RESULTS) {
            return Found.TOO_MANY;
        }
        if (ask.all()) {
            Device device = everything.getOrDefault(ask, List.of()).get(n);
            if (!take(c, ask, device)) {
                return Found.NO;
            }
            return keepOrGive(c, device(c, r, ask, n + 1, 0));
        }
        for (int i = start; i < candidates.size(); i++) {
            allocator.step();
            Device device = candidates.get(i);
            if (isInUse(c, ask, device) || !allocator.suits(ask, device) || !take(c, ask, device)) {
                continue;
            }
            Found found = keepOrGive(c, device(c, r, ask, n + 1, i + 1));
            if (found != Found.NO) {
                return found;
            }
        }
        return Found.NO;
    }

    private boolean isInUse(int c, Ask ask, Device device) {
        Set<Integer> by = chosen.getOrDefault(device.id, Set.of());
        return ask.admin() ? by.contains(c) : !by.isEmpty() || allocator.taken().isWhole(device.id);
    }

    private boolean take(int c, Ask ask, Device device) {
        if (isInUse(c, ask, device) || !device.taints.stream().allMatch(t -> t.isToleratedBy(ask.tolerations()))) {
            return false;
        }
        Optional<Map<String, Quantity>> share = share(ask, device);
        if (share.isEmpty()) {
            return false;
        }
        boolean counted = !device.shares.isEmpty() && !isSharedAlready(device);
        if (counted) {
            Counters left = left(device);
            left.take(device);
            if (!left.suffice()) {
                left.give(device);
                return false;
            }
        }
        if (!constrain(constraints.get(c), ask, device)) {
            if (counted) {
                left(device).give(device);
            }
            return false;
        }
        if (device.isShared) {
            shares.computeIfAbsent(device.id, i -> new ArrayList<>()).add(share.get());
        } else {
            chosen.computeIfAbsent(device.id, i -> new HashSet<>()).add(c);
        }
        results.get(c).add(new Choice(ask, device, share.get()));
        return true;
    }

    private static boolean constrain(List<Constraint> all, Ask ask, Device device) {
        for (int i = 0; i < all.size(); i++) {
            if (!all.get(i).add(ask, device)) {
                all.subList(0, i).forEach(before -> before.remove(ask));
                return false;
            }
        }
        return true;
    }

    private Found keepOrGive(int c, Found found) {
        if (found != Found.YES) {
            give(c, results.get(c).removeLast());
        }
        return found;
    }

    private void give(int c, Choice choice) {
        Device device = choice.device;
        if (device.isShared) {
            shares.getOrDefault(device.id, new ArrayList<>()).removeLast();
        } else {
            chosen.getOrDefault(device.id, new HashSet<>()).remove(c);
        }
        constraints.get(c).forEach(x -> x.remove(choice.ask));
        if (!device.shares.isEmpty() && !isSharedAlready(device)) {
            left(device).give(device);
        }
    }

    /** Its counters are paid for by whoever had a share of it first. */
    private boolean isSharedAlready(Device device) {
        return device.isShared
                && (allocator.taken().isShared(device.id)
                        || !shares.getOrDefault(device.id, List.of()).isEmpty());
    }

    private Counters left(Device device) {
        Pool pool = pools.get(device.id);
        if (pool == null) {
            throw new IllegalStateException(device.id + " is of no pool");
        }
        return counters.computeIfAbsent(pool.id(), p -> allocator.left(pool).copy());
    }

    /** What the ask takes of each capacity of the device; nothing when there is not enough left of one. */
    private Optional<Map<String, Quantity>> share(Ask ask, Device device) {
        if (!device.capacities.keySet().containsAll(ask.capacities().keySet())) {
            return Optional.empty();
        }
        Map<String, Quantity> share = new HashMap<>();
        for (Map.Entry<String, Capacity> e : device.capacities.entrySet()) {
            Optional<Quantity> taken = e.getValue().taken(ask.capacities().get(e.getKey()));
            if (taken.isEmpty()) {
                return Optional.empty();
            }
            Quantity sum = taken.get().plus(allocator.taken().of(device.id, e.getKey()));
            for (Map<String, Quantity> other : shares.getOrDefault(device.id, List.of())) {
                sum = sum.plus(other.getOrDefault(e.getKey(), Quantity.ZERO));
            }
            if (sum.compareTo(e.getValue().whole()) > 0) {
                return Optional.empty();
            }
            share.put(e.getKey(), taken.get());
        }
        return Optional.of(share);
    }
}

package dev.coracle.controllers.endpointslice;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Gives each zone as many endpoints as it has processors: first each serves its own zone, then zones with more than their
 * share lend to those with less. With 3 endpoints in {@code a}, 1 in {@code b} and equal zones, one of {@code a} serves
 * {@code b}. Nothing is given where an endpoint of some zone would have over 20 % more to do than on average.
 *
 * @param zones whom each endpoint serves; empty where there is a problem
 * @param problem why none is told whom to serve
 */
record ZoneShares(Map<String, String> zones, String problem) {
    private static final double OVERLOAD = 0.2;

    /**
     * @param endpoints the zone in which each is, {@code ""} for nowhere
     * @param shares as {@link Zones#shares}
     */
    static ZoneShares of(Map<String, String> endpoints, Map<String, Double> shares) {
        int count = endpoints.size();
        String counts = " (" + count + " endpoints, " + shares.size() + " zones)";
        if (shares.isEmpty()) {
            return none("Insufficient Node information: allocatable CPU or zone not specified on one or more nodes");
        }
        if (shares.size() > count) {
            return none("Insufficient number of endpoints" + counts);
        }
        Map<String, Double> desired = new TreeMap<>();
        int minimums = 0;
        for (Map.Entry<String, Double> share : shares.entrySet()) {
            double exact = share.getValue() * count;
            int minimum = (int) Math.ceil(exact * (1 / (1 + OVERLOAD)));
            desired.put(share.getKey(), Math.max(exact, minimum));
            minimums += minimum;
        }
        if (minimums > count) {
            return none(
                    "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold"
                            + counts);
        }
        if (endpoints.containsValue("")) {
            return none("One or more endpoints do not have a zone specified");
        }
        return new ZoneShares(lend(endpoints, desired), "");
    }

    private static ZoneShares none(String problem) {
        return new ZoneShares(Map.of(), problem);
    }

    private static Map<String, String> lend(Map<String, String> endpoints, Map<String, Double> desired) {
        Map<String, Integer> there = new TreeMap<>();
        endpoints.values().forEach(zone -> there.merge(zone, 1, Integer::sum));
        Map<String, Double> more = new TreeMap<>();
        Map<String, Double> less = new TreeMap<>();
        desired.forEach((zone, target) -> {
            double over = there.getOrDefault(zone, 0) - target;
            (over > 0 ? more : less).put(zone, Math.abs(over));
        });
        Map<String, Integer> giving = new TreeMap<>();
        Map<String, Integer> receiving = new TreeMap<>();
        while (true) {
            String from = most(more);
            String to = most(less);
            double give = more.getOrDefault(from, 0.0);
            double take = less.getOrDefault(to, 0.0);
            if (give < 1 && take < 1 || give < 0.5 || take < 0.5) {
                break;
            }
            more.put(from, give - 1);
            less.put(to, take - 1);
            giving.merge(from, 1, Integer::sum);
            receiving.merge(to, 1, Integer::sum);
        }
        Map<String, String> served = new LinkedHashMap<>(endpoints);
        served.replaceAll((endpoint, zone) -> {
            String to = most(receiving);
            if (giving.getOrDefault(zone, 0) == 0 || to.isEmpty()) {
                return zone;
            }
            giving.merge(zone, -1, Integer::sum);
            receiving.merge(to, -1, Integer::sum);
            return to;
        });
        return served;
    }

    /** The zone with the largest number above nought; {@code ""} where there is none. */
    private static String most(Map<String, ? extends Number> zones) {
        String zone = "";
        double most = 0;
        for (Map.Entry<String, ? extends Number> e : zones.entrySet()) {
            if (e.getValue().doubleValue() > most) {
                zone = e.getKey();
                most = e.getValue().doubleValue();
            }
        }
        return zone;
    }
}

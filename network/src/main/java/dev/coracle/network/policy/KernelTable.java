package dev.coracle.network.policy;

import dev.coracle.network.Listing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted in the kernel's table, what it has, and the nft script from there to here, which costs what has changed. Not
 * thread-safe.
 *
 * <p>Order within a transaction: sets and chains before what points to them, and the other way round where they go.
 */
final class KernelTable {
    static final String ADDRESSES = "{ type ipv4_addr; }";
    static final String PORTS = "{ type ipv4_addr . inet_service; }";

    private static final String SELF = "self";

    private static final class State {
        /** Of each set its elements, and how many reasons there are for each. */
        private final Map<String, Map<String, Integer>> sets = new HashMap<>();

        private final Map<String, List<String>> chains = new HashMap<>();

        /** By {@code MAP ADDRESS}. */
        private final Map<String, String> verdicts = new HashMap<>();
    }

    private final String table;
    private final String base;
    private final Map<String, String> types = new HashMap<>();
    private final State wanted = new State();
    private final State kernel = new State();
    private final Map<String, Set<String>> touchedElements = new TreeMap<>();
    private final Set<String> touchedSets = new LinkedHashSet<>();
    private final Set<String> touchedChains = new LinkedHashSet<>();
    private final Set<String> touchedVerdicts = new LinkedHashSet<>();
    private boolean reset = true;

    KernelTable(PolicyConfig config) {
        this.table = "ip " + config.table();
        this.base = base(table, config);
        wanted.sets.put(SELF, new HashMap<>());
    }

    private static String base(String table, PolicyConfig config) {
        StringBuilder own = new StringBuilder();
        for (PolicyConfig.Node n : config.nodes()) {
            own.append("    ip saddr ")
                    .append(n.podCidr())
                    .append(" ip daddr { ")
                    .append(n.podCidr().replace(".0/24", ".1"))
                    .append(n.addresses().stream().map(a -> ", " + a).reduce("", String::concat))
                    .append(" } accept\n");
        }
        return """
                table %1$s
                delete table %1$s
                table %1$s {
                  map egress { type ipv4_addr : verdict; }
                  map ingress { type ipv4_addr : verdict; }
                  set self { type ipv4_addr . ipv4_addr; }
                  chain sending {
                    type filter hook forward priority -20; policy accept;
                    ct state established,related accept
                    ip saddr . ip daddr @self accept
                    ip saddr vmap @egress
                  }
                  chain receiving {
                    type filter hook forward priority -10; policy accept;
                    ct state established,related accept
                    ip saddr . ip daddr @self accept
                    ip daddr vmap @ingress
                  }
                  chain reaching {
                    type filter hook input priority -10; policy accept;
                    ct state established,related accept
                %2$s    ip saddr vmap @egress
                  }
                }
                """.formatted(table, own);
    }

    /** @param type one of {@link #ADDRESSES} and {@link #PORTS} */
    void addSet(String name, String type) {
        types.put(name, type);
        wanted.sets.putIfAbsent(name, new HashMap<>());
        touchedSets.add(name);
    }

    void removeSet(String name) {
        Map<String, Integer> had = wanted.sets.remove(name);
        if (had != null) {
            // One of the same name may come within the transaction.
            touchedElements.computeIfAbsent(name, s -> new LinkedHashSet<>()).addAll(had.keySet());
        }
        touchedSets.add(name);
    }

    /** For one more reason. */
    void addElement(String set, String element) {
        elements(set).merge(element, 1, Integer::sum);
        touchedElements.computeIfAbsent(set, s -> new LinkedHashSet<>()).add(element);
    }

    void removeElement(String set, String element) {
        elements(set).computeIfPresent(element, (e, n) -> n > 1 ? n - 1 : null);
        touchedElements.computeIfAbsent(set, s -> new LinkedHashSet<>()).add(element);
    }

    private Map<String, Integer> elements(String set) {
        return wanted.sets.getOrDefault(set, new HashMap<>());
    }

    /** @param rules null where the chain is to go */
    void chain(String name, @Nullable List<String> rules) {
        if (rules == null) {
            wanted.chains.remove(name);
        } else {
            wanted.chains.put(name, List.copyOf(rules));
        }
        touchedChains.add(name);
    }

    /** Where packets of an address go in a map. @param chain null for nowhere */
    void verdict(String map, String ip, @Nullable String chain) {
        String key = map + " " + ip;
        if (chain == null) {
            wanted.verdicts.remove(key);
        } else {
            wanted.verdicts.put(key, chain);
        }
        touchedVerdicts.add(key);
    }

    void self(String ip, boolean isolated) {
        if (isolated) {
            addElement(SELF, ip + " . " + ip);
        } else {
            removeElement(SELF, ip + " . " + ip);
        }
    }

    /** The kernel has lost what it had, or nobody knows what it has. */
    void reset() {
        reset = true;
    }

    /** From what the kernel has to what is wanted; {@code ""} where that is the same. To be told by {@link #done}. */
    String script() {
        if (reset) {
            kernel.sets.clear();
            kernel.sets.put(SELF, new HashMap<>());
            kernel.chains.clear();
            kernel.verdicts.clear();
            touchedSets.addAll(wanted.sets.keySet());
            wanted.sets.forEach((set, elements) -> touchedElements
                    .computeIfAbsent(set, s -> new LinkedHashSet<>())
                    .addAll(elements.keySet()));
            touchedChains.addAll(wanted.chains.keySet());
            touchedVerdicts.addAll(wanted.verdicts.keySet());
        }
        StringBuilder script = new StringBuilder(reset ? base : "");
        for (String set : touchedSets) {
            if (wanted.sets.containsKey(set) && !kernel.sets.containsKey(set)) {
                line(script, "add set", set + " " + types.get(set));
            }
        }
        touchedElements.forEach((set, elements) -> change(script, set, elements));
        List<String> gone = new ArrayList<>();
        for (String chain : touchedChains) {
            if (!wanted.chains.containsKey(chain)) {
                if (kernel.chains.containsKey(chain)) {
                    gone.add(chain);
                }
            } else if (!kernel.chains.containsKey(chain)) {
                line(script, "add chain", chain);
            }
        }
        for (String chain : touchedChains) {
            List<String> rules = wanted.chains.get(chain);
            if (rules != null && !rules.equals(kernel.chains.get(chain))) {
                line(script, "flush chain", chain);
                rules.forEach(r -> line(script, "add rule", chain + " " + r));
            }
        }
        for (String key : touchedVerdicts) {
            redirect(script, key);
        }
        gone.forEach(chain -> line(script, "flush chain", chain));
        gone.forEach(chain -> line(script, "delete chain", chain));
        for (String set : touchedSets) {
            if (!wanted.sets.containsKey(set) && kernel.sets.containsKey(set)) {
                line(script, "delete set", set);
            }
        }
        return script.toString();
    }

    private void change(StringBuilder script, String set, Set<String> elements) {
        Map<String, Integer> now = wanted.sets.get(set);
        if (now == null) {
            return;
        }
        Map<String, Integer> before = kernel.sets.getOrDefault(set, Map.of());
        for (boolean add : new boolean[] {false, true}) {
            List<String> changed = elements.stream()
                    .filter(e -> now.containsKey(e) == add && before.containsKey(e) != add)
                    .toList();
            if (!changed.isEmpty()) {
                line(script, add ? "add element" : "delete element", set + " { " + String.join(", ", changed) + " }");
            }
        }
    }

    private void redirect(StringBuilder script, String key) {
        String before = kernel.verdicts.get(key);
        String now = wanted.verdicts.get(key);
        String map = key.substring(0, key.indexOf(' '));
        String ip = key.substring(key.indexOf(' ') + 1);
        if (java.util.Objects.equals(before, now)) {
            return;
        }
        if (before != null) {
            line(script, "delete element", map + " { " + ip + " }");
        }
        if (now != null) {
            line(script, "add element", map + " { " + ip + " : goto " + now + " }");
        }
    }

    /** The kernel has taken the {@link #script}. */
    void done() {
        reset = false;
        touchedElements.forEach((set, elements) -> {
            Map<String, Integer> now = wanted.sets.get(set);
            Map<String, Integer> known = kernel.sets.computeIfAbsent(set, s -> new HashMap<>());
            for (String e : elements) {
                if (now != null && now.containsKey(e)) {
                    known.put(e, 1);
                } else {
                    known.remove(e);
                }
            }
        });
        for (String set : touchedSets) {
            if (wanted.sets.containsKey(set)) {
                kernel.sets.computeIfAbsent(set, s -> new HashMap<>());
            } else {
                kernel.sets.remove(set);
                types.remove(set);
            }
        }
        touchedChains.forEach(c -> copy(wanted.chains, kernel.chains, c));
        touchedVerdicts.forEach(v -> copy(wanted.verdicts, kernel.verdicts, v));
        touchedElements.clear();
        touchedSets.clear();
        touchedChains.clear();
        touchedVerdicts.clear();
    }

    private static <V> void copy(Map<String, V> from, Map<String, V> to, String key) {
        V value = from.get(key);
        if (value == null) {
            to.remove(key);
        } else {
            to.put(key, value);
        }
    }

    /** Whether the kernel's table still has all that it should. */
    boolean matches(Listing listed) {
        Listing empty = Listing.of(base);
        Map<String, Integer> rules = new HashMap<>(empty.rules());
        Map<String, Integer> elements = new HashMap<>(empty.elements());
        kernel.chains.forEach((chain, lines) -> rules.put(chain, lines.size()));
        kernel.sets.forEach((set, all) -> elements.put(set, all.size()));
        kernel.verdicts.keySet().forEach(v -> elements.merge(v.substring(0, v.indexOf(' ')), 1, Integer::sum));
        return listed.rules().equals(rules) && listed.elements().equals(elements);
    }

    /** For a test: what the kernel is thought to have of chains. */
    Map<String, List<String>> chains() {
        return new LinkedHashMap<>(kernel.chains);
    }

    private void line(StringBuilder script, String verb, String what) {
        script.append(verb).append(' ').append(table).append(' ').append(what).append('\n');
    }
}

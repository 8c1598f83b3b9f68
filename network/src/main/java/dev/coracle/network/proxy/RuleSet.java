package dev.coracle.network.proxy;

import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.network.Listing;
import dev.coracle.network.proxy.Rules.Element;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel's table holds, and the nft script from there to what is wanted. Several Services may claim one element
 * (two with the same external IP, or one endpoint in many Services): the first claim holds, the next takes over when it
 * goes. Not thread-safe.
 *
 * <p>Order within a transaction: sets and chains first, since elements point to them; then elements, where a changed one is
 * deleted and added; then chains that nothing points to any more.
 */
final class RuleSet {
    private final String table;
    private final Map<ObjectKey, Rules> byService = new HashMap<>();
    private final Map<Element, LinkedHashMap<ObjectKey, String>> claims = new HashMap<>();
    /** What the present transaction has touched, as it was before. */
    private final Map<ObjectKey, Rules> rulesBefore = new HashMap<>();

    private final Map<Element, LinkedHashMap<ObjectKey, String>> claimsBefore = new HashMap<>();

    /** The table without Services. */
    private String base = "";

    RuleSet(String table) {
        this.table = "ip " + table;
    }

    /** Replaces the whole table by one without Services; to be followed by {@link #change} for each. */
    String reset(ServiceProxyConfig config) {
        byService.clear();
        claims.clear();
        String prefix = config.loadBalancerPrefix();
        String balancers =
                prefix + ServiceProxyConfig.FIRST_LOAD_BALANCER + "-" + prefix + ServiceProxyConfig.LAST_LOAD_BALANCER;
        base = """
                table %1$s
                delete table %1$s
                table %1$s {
                  map services { type ipv4_addr . inet_proto . inet_service : verdict; }
                  map nodeports { type inet_proto . inet_service : verdict; }
                  set hairpin { type ipv4_addr . ipv4_addr; }
                  set empty { type ipv4_addr . inet_proto . inet_service; }
                  set emptyports { type inet_proto . inet_service; }
                  chain dispatch {
                    ip daddr . meta l4proto . th dport vmap @services
                    ip daddr { %2$s } meta l4proto . th dport vmap @nodeports
                    ip daddr { 172.30.0.0/16, %3$s } return
                    fib daddr type local meta l4proto . th dport vmap @nodeports
                  }
                  chain prerouting {
                    type nat hook prerouting priority -100; policy accept;
                    meta l4proto { tcp, udp, sctp } jump dispatch
                  }
                  chain output {
                    type nat hook output priority -100; policy accept;
                    meta l4proto { tcp, udp, sctp } jump dispatch
                  }
                  chain postrouting {
                    type nat hook postrouting priority 100; policy accept;
                    ip saddr . ip daddr @hairpin masquerade
                  }
                  chain forwarded {
                    type filter hook forward priority 0; policy accept;
                    ct state new ip daddr . meta l4proto . th dport @empty reject
                  }
                  chain sent {
                    type filter hook output priority 0; policy accept;
                    fib daddr type != local ct state new ip daddr . meta l4proto . th dport @empty reject
                  }
                  chain unclaimed {
                    type filter hook input priority 0; policy accept;
                    ct state new ip daddr . meta l4proto . th dport @empty reject
                    ct state new ip daddr { %2$s } meta l4proto . th dport @emptyports reject
                    ct state new ip daddr %4$s meta l4proto tcp reject with tcp reset
                    ct state new ip daddr %4$s meta l4proto != icmp reject
                  }
                }
                """.formatted(table, String.join(", ", config.nodeIps()), config.serviceCidr(), balancers);
        return base;
    }

    /** What follows belongs to one transaction. */
    void begin() {
        rulesBefore.clear();
        claimsBefore.clear();
    }

    /** The kernel has refused the transaction, all of it, as it does; not for one with {@link #reset}. */
    void rollback() {
        rulesBefore.forEach((service, rules) -> {
            if (rules.isEmpty()) {
                byService.remove(service);
            } else {
                byService.put(service, rules);
            }
        });
        claimsBefore.forEach((element, before) -> {
            if (before.isEmpty()) {
                claims.remove(element);
            } else {
                claims.put(element, before);
            }
        });
        begin();
    }

    /** Whether the kernel's table still has all that it should. Who sticks to which endpoint is the kernel's own affair. */
    boolean matches(Listing listed) {
        Listing empty = Listing.of(base);
        Map<String, Integer> rules = new HashMap<>(empty.rules());
        Map<String, Integer> elements = new HashMap<>(empty.elements());
        Map<String, Integer> there = new HashMap<>(listed.elements());
        for (Rules r : byService.values()) {
            r.chains().forEach((chain, all) -> rules.put(chain, all.size()));
            r.sets().keySet().forEach(set -> elements.put(set, 0));
            r.sets().keySet().forEach(set -> there.computeIfPresent(set, (s, n) -> 0));
        }
        claims.keySet().forEach(e -> elements.merge(e.set(), 1, Integer::sum));
        return listed.rules().equals(rules) && there.equals(elements);
    }

    Rules of(ObjectKey service) {
        return byService.getOrDefault(service, Rules.NONE);
    }

    /** Appends what brings {@code service} from its present rules to {@code wanted}. */
    void change(ObjectKey service, Rules wanted, StringBuilder script) {
        Rules present = of(service);
        rulesBefore.putIfAbsent(service, present);
        wanted.sets().forEach((set, definition) -> {
            if (!present.sets().containsKey(set)) {
                line(script, "add set", set + " " + definition);
            }
        });
        wanted.chains().forEach((chain, rules) -> {
            if (!rules.equals(present.chains().get(chain))) {
                line(script, "add chain", chain);
                line(script, "flush chain", chain);
                rules.forEach(rule -> line(script, "add rule", chain + " " + rule));
            }
        });
        for (Element e : present.elements().keySet()) {
            if (!wanted.elements().containsKey(e)) {
                claim(e, service, null, script);
            }
        }
        wanted.elements().forEach((e, value) -> claim(e, service, value, script));
        // Those first that lead to others.
        for (String chain : List.copyOf(present.chains().keySet()).reversed()) {
            if (!wanted.chains().containsKey(chain)) {
                line(script, "flush chain", chain);
                line(script, "delete chain", chain);
            }
        }
        for (String set : present.sets().keySet()) {
            if (!wanted.sets().containsKey(set)) {
                line(script, "delete set", set);
            }
        }
        if (wanted.isEmpty()) {
            byService.remove(service);
        } else {
            byService.put(service, wanted);
        }
    }

    private void claim(Element element, ObjectKey service, @Nullable String value, StringBuilder script) {
        claimsBefore.computeIfAbsent(element, e -> new LinkedHashMap<>(claims.getOrDefault(e, new LinkedHashMap<>())));
        var all = claims.computeIfAbsent(element, e -> new LinkedHashMap<>());
        String before = all.isEmpty() ? null : all.firstEntry().getValue();
        if (value == null) {
            all.remove(service);
        } else {
            all.put(service, value);
        }
        String after = all.isEmpty() ? null : all.firstEntry().getValue();
        if (after == null) {
            claims.remove(element);
        }
        if (!java.util.Objects.equals(before, after)) {
            if (before != null) {
                line(script, "delete element", element.set() + " { " + element.key() + " }");
            }
            if (after != null) {
                String suffix = after.isEmpty() ? "" : " : " + after;
                line(script, "add element", element.set() + " { " + element.key() + suffix + " }");
            }
        }
    }

    private void line(StringBuilder script, String verb, String what) {
        script.append(verb).append(' ').append(table).append(' ').append(what).append('\n');
    }
}

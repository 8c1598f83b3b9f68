package dev.coracle.network.dns;

import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.network.Ipv4;
import dev.coracle.network.dns.Message.Answer;
import dev.coracle.network.dns.Message.Query;
import dev.coracle.network.dns.Message.Record;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Answers from the informers' caches, by index, so that a look-up costs the same however large the cluster is.
 *
 * <p>A name that exists without records of the type asked gets an empty answer, one that does not exist gets NXDOMAIN;
 * both with the zone's SOA. Resolvers rely on the difference when they walk the search list.
 */
final class ClusterZone {
    private static final int TTL = 30;
    private static final int MOST_ALIASES = 8;
    private static final String BY_SERVICE = "dns/service";
    private static final String BY_ADDRESS = "dns/address";

    private final String domain;
    private final List<String> reverse;
    private final Informer services;
    private final Informer slices;
    private final Informer namespaces;

    ClusterZone(DnsConfig config, Informers informers) {
        this.domain = config.clusterDomain();
        this.reverse = config.reverseCidrs();
        this.services = informers.of(Resources.SERVICES);
        this.slices = informers.of(Resources.ENDPOINT_SLICES);
        this.namespaces = informers.of(Resources.NAMESPACES);
    }

    void start() {
        services.index(
                BY_ADDRESS,
                r -> r.object().stringList("spec", "clusterIPs").isEmpty()
                        ? List.of(r.object().string("spec", "clusterIP"))
                        : r.object().stringList("spec", "clusterIPs"));
        slices.index(
                BY_SERVICE,
                r -> List.of(r.namespace() + "/" + r.labels().getOrDefault("kubernetes.io/service-name", "")));
        slices.index(
                BY_ADDRESS,
                r -> r.object().objects("endpoints").stream()
                        .flatMap(e -> e.stringList("addresses").stream())
                        .distinct()
                        .toList());
    }

    boolean synced() {
        return services.synced() && slices.synced() && namespaces.synced();
    }

    /** @return empty when the name is not ours */
    Optional<Answer> answer(Query query) {
        String name = query.name();
        if (isOurs(name)) {
            return Optional.of(forward(query, Set.of()));
        }
        if (name.endsWith(".in-addr.arpa")) {
            String[] p =
                    name.substring(0, name.length() - ".in-addr.arpa".length()).split("\\.");
            if (p.length == 4) {
                String ip = p[3] + "." + p[2] + "." + p[1] + "." + p[0];
                if (reverse.stream().anyMatch(ip::startsWith)) {
                    return Optional.of(pointer(query, ip));
                }
            }
        }
        return Optional.empty();
    }

    private boolean isOurs(String name) {
        return name.equals(domain) || name.endsWith("." + domain);
    }

    private static List<String> labels(String prefix) {
        return prefix.isEmpty()
                ? List.of()
                : List.of(prefix.substring(0, prefix.length() - 1).split("\\."));
    }

    /** @param via the names that have led to this one */
    private Answer forward(Query query, Set<String> via) {
        List<String> labels = labels(query.name().substring(0, query.name().length() - domain.length()));
        int n = labels.size();
        if (n == 0) {
            return query.type() == Message.SOA ? found(List.of(soa()), List.of()) : noData();
        }
        String kind = labels.get(n - 1);
        if (n == 1) {
            return switch (kind) {
                case "svc", "pod" -> noData();
                case "dns-version" -> noData();
                default -> nameError();
            };
        }
        String namespace = labels.get(n - 2);
        if (namespaces.get(new ObjectKey("", namespace)).isEmpty()) {
            return nameError();
        }
        if (n == 2) {
            return kind.equals("svc") || kind.equals("pod") ? noData() : nameError();
        }
        return switch (kind) {
            case "pod" -> n == 3 ? pod(query, labels.getFirst()) : nameError();
            case "svc" -> {
                var service = services.get(namespace, labels.get(n - 3));
                yield service.isPresent()
                        ? service(query, service.get().object(), labels.subList(0, n - 3), via)
                        : nameError();
            }
            default -> nameError();
        };
    }

    /** {@code 10-244-0-5.default.pod}: CoreDNS' {@code pods insecure}, which trusts the name. */
    private Answer pod(Query query, String dashed) {
        String ip = dashed.replace('-', '.');
        if (!Ipv4.isAddress(ip)) {
            return nameError();
        }
        return query.type() == Message.A || query.type() == Message.ANY
                ? found(List.of(a(query.name(), ip)), List.of())
                : noData();
    }

    /** @param prefix what stands before the Service's name: nothing, a host, or {@code _port._protocol} */
    private Answer service(Query query, Unstructured service, List<String> prefix, Set<String> via) {
        if (service.string("spec", "type").equals("ExternalName")) {
            return prefix.isEmpty() ? alias(query, service.string("spec", "externalName"), via) : nameError();
        }
        List<Unstructured> of = slices.byIndex(BY_SERVICE, service.namespace() + "/" + service.name()).stream()
                .map(Revision::object)
                .toList();
        // Pods behind a cluster IP have names of their own, too, for who asks for one.
        List<Target> targets = prefix.size() == 1 ? Target.endpoints(service, of) : Target.of(service, of);
        boolean ports = prefix.size() == 2
                && prefix.get(0).startsWith("_")
                && prefix.get(1).startsWith("_");
        List<Target> chosen;
        if (prefix.isEmpty()) {
            chosen = targets;
        } else if (ports) {
            chosen = targets.stream()
                    .filter(t -> t.portName().equals(prefix.get(0).substring(1))
                            && t.protocol()
                                    .toLowerCase(Locale.ROOT)
                                    .equals(prefix.get(1).substring(1)))
                    .toList();
        } else if (prefix.size() == 1) {
            chosen = targets.stream()
                    .filter(t -> t.host().equals(prefix.getFirst()))
                    .toList();
        } else {
            chosen = List.of();
        }
        if (chosen.isEmpty()) {
            return nameError();
        }
        return records(query, service, chosen);
    }

    /** The other name and what it leads to, which is ours to find out: a client's resolver asks no second time. */
    private Answer alias(Query query, String written, Set<String> via) {
        String target =
                (written.endsWith(".") ? written.substring(0, written.length() - 1) : written).toLowerCase(Locale.ROOT);
        List<Record> alias = List.of(new Record(query.name(), Message.CNAME, TTL, Message.name(target)));
        if (query.type() == Message.CNAME || query.type() == Message.ANY) {
            return found(alias, List.of());
        }
        if (!isOurs(target)) {
            return new Answer(Message.NO_ERROR, true, alias, List.of(), List.of(), target);
        }
        Set<String> further = new HashSet<>(via);
        further.add(query.name());
        if (further.contains(target) || further.size() > MOST_ALIASES) {
            return noData();
        }
        Query next = new Query(
                query.id(), query.flags(), target, query.type(), query.asked(), query.size(), query.extended());
        Answer there = forward(next, further);
        if (there.answers().isEmpty()) {
            return noData();
        }
        List<Record> all = new ArrayList<>(alias);
        all.addAll(there.answers());
        return new Answer(Message.NO_ERROR, true, all, List.of(), there.extra(), there.foreign());
    }

    private Answer records(Query query, Unstructured service, List<Target> chosen) {
        String base = service.name() + "." + service.namespace() + ".svc." + domain;
        if (query.type() == Message.A || query.type() == Message.ANY) {
            List<Record> addresses = new ArrayList<>(chosen.stream()
                    .map(Target::ip)
                    .distinct()
                    .map(ip -> a(query.name(), ip))
                    .toList());
            // Most clients take the first; whose turn that is, the query's number decides, which is random.
            Collections.rotate(addresses, query.id());
            return found(addresses, List.of());
        }
        if (query.type() == Message.SRV) {
            List<Record> answers = new ArrayList<>();
            List<Record> extra = new ArrayList<>();
            int weight = Math.max(1, 100 / chosen.size());
            for (Target t : chosen) {
                if (t.port() == 0) {
                    continue;
                }
                String host = t.host().isEmpty() ? base : t.host() + "." + base;
                answers.add(new Record(query.name(), Message.SRV, TTL, Message.srv(0, weight, t.port(), host)));
                Record address = a(host, t.ip());
                if (extra.stream().noneMatch(r -> r.name().equals(address.name()))) {
                    extra.add(address);
                }
            }
            return answers.isEmpty() ? noData() : found(answers, extra);
        }
        return noData();
    }

    private Answer pointer(Query query, String ip) {
        List<String> names = new ArrayList<>();
        for (Revision s : services.byIndex(BY_ADDRESS, ip)) {
            names.add(s.name() + "." + s.namespace() + ".svc." + domain);
        }
        if (names.isEmpty()) {
            for (Revision slice : slices.byIndex(BY_ADDRESS, ip)) {
                String service = slice.labels().getOrDefault("kubernetes.io/service-name", "");
                services.get(slice.namespace(), service).ifPresent(s -> {
                    for (Target t : Target.endpoints(s.object(), List.of(slice.object()))) {
                        if (t.ip().equals(ip)) {
                            names.add(t.host() + "." + service + "." + slice.namespace() + ".svc." + domain);
                        }
                    }
                });
            }
        }
        if (names.isEmpty()) {
            return nameError();
        }
        return query.type() == Message.PTR
                ? found(
                        names.stream()
                                .distinct()
                                .map(n -> new Record(query.name(), Message.PTR, TTL, Message.name(n)))
                                .toList(),
                        List.of())
                : noData();
    }

    private static Record a(String name, String ip) {
        return new Record(name, Message.A, TTL, Message.ipv4(ip));
    }

    /** The serial is constant: nobody transfers this zone. The minimum, 30, bounds how long "no" is remembered. */
    private Record soa() {
        byte[] data = Message.soa("ns.dns." + domain, "hostmaster." + domain, List.of(1, 7200, 1800, 86400, TTL));
        return new Record(domain, Message.SOA, TTL, data);
    }

    private static Answer found(List<Record> answers, List<Record> extra) {
        return new Answer(Message.NO_ERROR, true, answers, List.of(), extra);
    }

    Answer noData() {
        return new Answer(Message.NO_ERROR, true, List.of(), List.of(soa()), List.of());
    }

    private Answer nameError() {
        return new Answer(Message.NAME_ERROR, true, List.of(), List.of(soa()), List.of());
    }
}

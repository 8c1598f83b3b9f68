package dev.coracle.network.dns;

import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.network.dns.Message.Answer;
import dev.coracle.network.dns.Message.Query;
import dev.coracle.network.dns.Message.Record;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Answers from the informers' caches, by index, so that a look-up costs the same however large the cluster is.
 *
 * <p>A name that exists without records of the type asked gets an empty answer, one that does not exist gets NXDOMAIN;
 * both with the zone's SOA. Resolvers rely on the difference when they walk the search list.
 */
final class ClusterZone {
    private static final int TTL = 30;
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
        if (name.equals(domain) || name.endsWith("." + domain)) {
            return Optional.of(forward(query, labels(name.substring(0, name.length() - domain.length()))));
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

    private static List<String> labels(String prefix) {
        return prefix.isEmpty()
                ? List.of()
                : List.of(prefix.substring(0, prefix.length() - 1).split("\\."));
    }

    /** @param labels what stands before the domain */
    private Answer forward(Query query, List<String> labels) {
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
                        ? service(query, service.get().object(), labels.subList(0, n - 3))
                        : nameError();
            }
            default -> nameError();
        };
    }

    /** {@code 10-244-0-5.default.pod}: CoreDNS' {@code pods insecure}, which trusts the name. */
    private Answer pod(Query query, String dashed) {
        String ip = dashed.replace('-', '.');
        if (!ip.matches("(\\d{1,3}\\.){3}\\d{1,3}")) {
            return nameError();
        }
        return query.type() == Message.A ? found(List.of(a(query.name(), ip)), List.of()) : noData();
    }

    /** @param prefix what stands before the Service's name: nothing, a host, or {@code _port._protocol} */
    private Answer service(Query query, Unstructured service, List<String> prefix) {
        if (service.string("spec", "type").equals("ExternalName")) {
            String target = service.string("spec", "externalName");
            return prefix.isEmpty()
                    ? found(List.of(new Record(query.name(), Message.CNAME, TTL, Message.name(target))), List.of())
                    : nameError();
        }
        List<Target> targets = Target.of(
                service,
                slices.byIndex(BY_SERVICE, service.namespace() + "/" + service.name()).stream()
                        .map(Revision::object)
                        .toList());
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

    private Answer records(Query query, Unstructured service, List<Target> chosen) {
        String base = service.name() + "." + service.namespace() + ".svc." + domain;
        if (query.type() == Message.A || query.type() == Message.ANY) {
            return found(
                    chosen.stream()
                            .map(Target::ip)
                            .distinct()
                            .map(ip -> a(query.name(), ip))
                            .toList(),
                    List.of());
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
                    for (Target t : Target.of(s.object(), List.of(slice.object()))) {
                        if (t.ip().equals(ip) && !t.host().isEmpty()) {
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

    private Answer noData() {
        return new Answer(Message.NO_ERROR, true, List.of(), List.of(soa()), List.of());
    }

    private Answer nameError() {
        return new Answer(Message.NAME_ERROR, true, List.of(), List.of(soa()), List.of());
    }
}

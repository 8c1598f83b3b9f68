package dev.coracle.network;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lets the packets of a cluster's pods through where another program of the machine, Docker or a firewall, drops what is
 * forwarded unless a rule says otherwise. That rule must stand in the program's own chain: a packet passes only if every
 * chain at the hook lets it, so an accept in a table of ours would be worth nothing.
 *
 * <p>iptables keeps its chains in nftables, or, where it is called legacy, in a place of its own that only its own command
 * can write.
 */
final class ForwardPolicy {
    private static final String CHAIN = "ip filter FORWARD";
    private static final Pattern HANDLE = Pattern.compile("# handle (\\d+)");

    private final String mark;
    private final String podCidr;
    /** Goes before every command; what runs it in another network namespace, if any. */
    private final List<String> prefix;

    /** @param mark tells the cluster's rules from others'; a comment */
    ForwardPolicy(String mark, String podCidr) {
        this(mark, podCidr, List.of());
    }

    ForwardPolicy(String mark, String podCidr, List<String> prefix) {
        this.mark = mark;
        this.podCidr = podCidr;
        this.prefix = List.copyOf(prefix);
    }

    /** Adds what is missing; idempotent, so that it can be called again after such a program was started or reloaded. */
    void permit() {
        String chain = chain();
        if (chain.contains("policy drop") && !chain.contains(comment())) {
            for (String direction : List.of("saddr", "daddr")) {
                run(
                        "nft",
                        "insert rule " + CHAIN + " ip " + direction + " " + podCidr + " accept comment " + comment());
            }
        }
        legacy().ifPresent(iptables -> {
            if (run(iptables, "-w", "-S", "FORWARD").output().contains("-P FORWARD DROP")) {
                for (String direction : List.of("-s", "-d")) {
                    if (!rule(iptables, "-C", direction).ok()) {
                        rule(iptables, "-I", direction);
                    }
                }
            }
        });
    }

    /** Takes the cluster's rules back. */
    void revoke() {
        for (String line : chain().lines().toList()) {
            Matcher handle = HANDLE.matcher(line);
            if (line.contains(comment()) && handle.find()) {
                run("nft", "delete rule " + CHAIN + " handle " + handle.group(1));
            }
        }
        legacy().ifPresent(iptables -> {
            for (String direction : List.of("-s", "-d")) {
                rule(iptables, "-D", direction);
            }
        });
    }

    private String comment() {
        return '"' + mark + '"';
    }

    private String chain() {
        HostCommand.Result listed = run("nft", "-a", "list chain " + CHAIN);
        return listed.ok() ? listed.output() : "";
    }

    private HostCommand.Result rule(String iptables, String verb, String direction) {
        return run(
                iptables,
                "-w",
                verb,
                "FORWARD",
                direction,
                podCidr,
                "-m",
                "comment",
                "--comment",
                mark,
                "-j",
                "ACCEPT");
    }

    private HostCommand.Result run(String... words) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(words));
        return HostCommand.run("", command);
    }

    /** The command of legacy iptables, where that has a filter table; asking it would make one. */
    private Optional<String> legacy() {
        HostCommand.Result tables = run("cat", "/proc/net/ip_tables_names");
        if (!tables.ok() || !tables.output().lines().toList().contains("filter")) {
            return Optional.empty();
        }
        return List.of("iptables-legacy", "iptables").stream()
                .filter(this::isLegacy)
                .findFirst();
    }

    private boolean isLegacy(String command) {
        try {
            HostCommand.Result version = run(command, "--version");
            return version.ok() && !version.output().contains("nf_tables");
        } catch (UncheckedIOException e) {
            return false;
        }
    }
}

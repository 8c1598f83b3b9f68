package dev.coracle.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In a network namespace of its own, so that the machine's firewall is left alone. */
class ForwardPolicyTest {
    private static final String NAMESPACE = "nettest-policy";
    private static final List<String> THERE = List.of("ip", "netns", "exec", NAMESPACE);

    private final ForwardPolicy policy = new ForwardPolicy("coracle_one", "10.153.0.0/16", THERE);
    private final ForwardPolicy other = new ForwardPolicy("coracle_one2", "10.152.0.0/16", THERE);

    @BeforeEach
    void namespace() {
        HostCommand.run("ip", "netns", "del", NAMESPACE);
        assumeTrue(HostCommand.run("ip", "netns", "add", NAMESPACE).ok(), "needs root and ip");
    }

    @AfterEach
    void gone() {
        HostCommand.run("ip", "netns", "del", NAMESPACE);
    }

    private static String there(String... words) {
        List<String> command = new ArrayList<>(THERE);
        command.addAll(List.of(words));
        return HostCommand.must("", command.toArray(String[]::new));
    }

    private static int count(String text, String what) {
        return text.split(what, -1).length - 1;
    }

    @Test
    void whereNothingDropsNothingIsAdded() {
        policy.permit();
        policy.revoke();
        assertThat(there("nft", "list", "ruleset")).isEmpty();
        there("nft", "add table ip filter; add chain ip filter FORWARD { type filter hook forward priority 0; }");
        policy.permit();
        assertThat(there("nft", "list", "ruleset")).doesNotContain("coracle");
    }

    @Test
    void rulesGoInOnceAndOnlyOnesOwnComeOut() {
        there(
                "nft",
                "add table ip filter;"
                        + "add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; };"
                        + "add rule ip filter FORWARD ip saddr 192.0.2.0/24 drop");
        policy.permit();
        policy.permit();
        other.permit();
        String rules = there("nft", "list", "chain", "ip", "filter", "FORWARD");
        assertThat(count(rules, "10.153.0.0/16 accept")).isEqualTo(2);
        assertThat(rules.indexOf("accept")).isLessThan(rules.indexOf("192.0.2.0"));

        policy.revoke();
        rules = there("nft", "list", "chain", "ip", "filter", "FORWARD");
        assertThat(count(rules, "10.152.0.0/16 accept")).isEqualTo(2);
        assertThat(rules).doesNotContain("10.153").contains("192.0.2.0", "policy drop");
    }

    @Test
    void legacyIptablesIsAskedByItsOwnCommand() {
        assumeTrue(Files.exists(Path.of("/usr/sbin/iptables-legacy")), "needs legacy iptables");
        there("iptables-legacy", "-P", "FORWARD", "DROP");
        policy.permit();
        policy.permit();
        other.permit();
        assertThat(there("iptables-legacy", "-S", "FORWARD").lines().filter(l -> l.contains("10.153.0.0/16")))
                .hasSize(2)
                .allMatch(l -> l.endsWith("-j ACCEPT"));

        policy.revoke();
        assertThat(there("iptables-legacy", "-S", "FORWARD"))
                .doesNotContain("10.153")
                .contains("10.152", "-P FORWARD DROP");
    }

    @Test
    void iptablesOnNftablesIsTheSamePlace() {
        assumeTrue(Files.exists(Path.of("/usr/sbin/iptables-nft")), "needs iptables");
        there("iptables-nft", "-P", "FORWARD", "DROP");
        policy.permit();
        assertThat(there("iptables-nft", "-S", "FORWARD")).contains("-s 10.153.0.0/16", "-d 10.153.0.0/16");
        policy.revoke();
        assertThat(there("iptables-nft", "-S", "FORWARD")).isEqualTo("-P FORWARD DROP\n");
    }
}

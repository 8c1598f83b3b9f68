package dev.coracle.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** How much of each thing there is, in nft's own words. */
class ListingTest {
    @Test
    void rulesAndElementsAreCounted() {
        Listing listed = Listing.of("""
                table ip t {
                \tset none {
                \t\ttype ipv4_addr
                \t}

                \tmap three {
                \t\ttype ipv4_addr : verdict
                \t\telements = { 10.0.0.1 : goto a/b, 10.0.0.2 : drop,
                \t\t\t     10.0.0.3 : goto a/b }
                \t}

                \tset timed {
                \t\ttype ipv4_addr
                \t\tsize 65535
                \t\tflags dynamic,timeout
                \t\ttimeout 1h
                \t\telements = { 10.0.0.1 expires 59m }
                \t}

                \tchain a/b {
                \t\tip saddr 10.0.0.0/8 accept
                \t\tip daddr { 10.0.0.1, 10.0.0.2 } drop
                \t}

                \tchain hooked {
                \t\ttype filter hook input priority filter; policy accept;
                \t}
                }
                """);
        assertThat(listed.rules()).isEqualTo(Map.of("a/b", 2, "hooked", 0));
        assertThat(listed.elements()).isEqualTo(Map.of("none", 0, "three", 3, "timed", 1));
    }

    @Test
    void aScriptThatMakesATableLooksTheSame() {
        Listing made = Listing.of("""
                table ip t
                delete table ip t
                table ip t {
                  set s { type ipv4_addr; }
                  chain c {
                    type nat hook output priority -100; policy accept;
                    accept
                  }
                }
                """);
        assertThat(made).isEqualTo(new Listing(Map.of("c", 1), Map.of("s", 0)));
    }
}

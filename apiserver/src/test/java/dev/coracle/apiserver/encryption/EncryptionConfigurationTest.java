package dev.coracle.apiserver.encryption;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import org.junit.jupiter.api.Test;

class EncryptionConfigurationTest {
    private static final String KEY = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";
    private static final byte[] NAME = "/registry/a".getBytes(UTF_8);

    private static EncryptionConfiguration parse(String resources) {
        return EncryptionConfiguration.parse(
                "f.yaml", "{apiVersion: apiserver.config.k8s.io/v1, kind: EncryptionConfiguration, " + resources + "}");
    }

    private static String refused(String resources) {
        try {
            parse(resources);
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
        throw new AssertionError("nothing was refused");
    }

    private static String provider(String field, String name) {
        return field + ": {keys: [{name: " + name + ", secret: " + KEY + "}]}";
    }

    private static String rule(String resource, String... providers) {
        return "{resources: [\"" + resource + "\"], providers: [{" + String.join("}, {", providers) + "}]}";
    }

    private static String stored(EncryptionConfiguration c, GroupVersionResource r) {
        byte[] value =
                new Encryption(c, new VirtualEnvironment(1).environment()).of(r).seal("plain".getBytes(UTF_8), NAME);
        String text = new String(value, UTF_8);
        int end = text.startsWith("k8s:enc:") ? text.indexOf(':', text.indexOf(":v1:") + 4) + 1 : text.length();
        return text.substring(0, end);
    }

    @Test
    void theNarrowestRuleHoldsAndItsFirstProviderWrites() {
        var all = parse("resources: ["
                + rule("secrets", provider("aesgcm", "one"), provider("secretbox", "two")) + ","
                + rule("*.", provider("secretbox", "core")) + ","
                + rule("*.apps", "identity: {}", provider("aescbc", "apps")) + ","
                + rule("*.*", provider("aescbc", "all")) + "]");
        assertThat(stored(all, Resources.SECRETS)).isEqualTo("k8s:enc:aesgcm:v1:one:");
        assertThat(stored(all, Resources.CONFIG_MAPS)).isEqualTo("k8s:enc:secretbox:v1:core:");
        assertThat(stored(all, Resources.DEPLOYMENTS)).isEqualTo("plain");
        assertThat(stored(all, Resources.JOBS)).isEqualTo("k8s:enc:aescbc:v1:all:");
        assertThat(stored(EncryptionConfiguration.NONE, Resources.SECRETS)).isEqualTo("plain");
    }

    @Test
    void whatIsWrongIsToldWithItsPathInUpstreamsWords() {
        assertThat(refused("resources: []"))
                .isEqualTo("error while parsing file: resources: Required value: at least one resources is required");
        assertThat(refused("resources: [{}]"))
                .isEqualTo("error while parsing file: [resources[0].resources: Required value: at least one"
                        + " resources[0].resources is required, resources[0].providers: Required value: at least one"
                        + " resources[0].providers is required]");
        assertThat(refused("resources: [" + rule("Secrets", "identity: {}") + "]"))
                .endsWith("resources[0].resources[0]: Invalid value: \"Secrets\": resource name should not contain"
                        + " capital letters");
        assertThat(refused("resources: [" + rule("*", "identity: {}") + "]"))
                .endsWith("use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources");
        assertThat(refused("resources: [" + rule("secrets.*", "identity: {}") + "]"))
                .endsWith("encrypting the same resource across groups is not supported");
        assertThat(refused("resources: [" + rule("*.events.k8s.io", "identity: {}") + "]"))
                .contains("Use 'events' instead in the config file");
        assertThat(refused("resources: [{resources: [secrets, \"*.\"], providers: [{identity: {}}]}]"))
                .contains("resources[0].resources: Invalid value: [\"secrets\",\"*.\"]: using overlapping resources");
        assertThat(refused("resources: [{resources: [secrets, secrets], providers: [{identity: {}}]}]"))
                .endsWith("the same resource cannot be specified multiple times");
        assertThat(refused("resources: [" + rule("secrets", "aesgcm: {keys: []}") + "]"))
                .endsWith("resources[0].providers[0].aesgcm.keys: Required value: at least one keys is required");
        assertThat(refused("resources: [" + rule("secrets", provider("aesgcm", "a") + ", identity: {}") + "]"))
                .endsWith("more than one provider specified in a single element, should split into different list"
                        + " elements");
        assertThat(refused("resources: [{resources: [secrets], providers: [{}]}]"))
                .endsWith("provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox,"
                        + " Identity");
        assertThat(refused("resources: [" + rule("*.*", "identity: {}") + "," + rule("secrets", "identity: {}") + "]"))
                .isEqualTo("error while building transformers: resource \"secrets\" is masked by earlier rule \"*.*\"");
        assertThat(refused("resources: [" + rule("*.", "identity: {}") + "," + rule("secrets", "identity: {}") + "]"))
                .endsWith("resource \"secrets\" is masked by earlier rule \"*.\"");
    }

    @Test
    void fieldsThatNobodyKnowsAndOtherKindsAreRefused() {
        assertThat(refused("resources: [" + rule("secrets", "aesgmc: {}") + "]"))
                .isEqualTo("error while parsing file: error decoding encryption provider configuration file"
                        + " \"f.yaml\": strict decoding error: unknown field \"resources[0].providers[0].aesgmc\"");
        assertThatThrownBy(() -> EncryptionConfiguration.parse("f.yaml", "{apiVersion: v1, kind: Secret}"))
                .hasMessageEndingWith("no kind \"Secret\" is registered for version \"v1\"");
        assertThatThrownBy(() -> EncryptionConfiguration.parse("f.yaml", ""))
                .hasMessageEndingWith("encryption provider configuration file \"f.yaml\" is empty");
    }

    @Test
    void aSecretIsWrittenAsGoReadsIt() {
        String lines = KEY.substring(0, 20) + "\\n" + KEY.substring(20) + "\\n";
        String broken = "secretbox: {keys: [{name: a, secret: \"" + lines + "\"}]}";
        assertThat(stored(parse("resources: [" + rule("secrets", broken) + "]"), Resources.SECRETS))
                .isEqualTo("k8s:enc:secretbox:v1:a:");
        String unpadded = "secretbox: {keys: [{name: a, secret: \"" + KEY.replace("=", "") + "\"}]}";
        assertThat(refused("resources: [" + rule("secrets", unpadded) + "]"))
                .endsWith("secrets must be base64 encoded");
    }

    @Test
    void whatIsSaidTwiceIsRefused() {
        String twice = "secretbox: {keys: [{name: a, secret: " + KEY + ", secret: " + KEY + "}]}";
        assertThat(refused("resources: [" + rule("secrets", twice) + "]")).doesNotContain(KEY);
    }

    @Test
    void noSecretIsEverInAMessage() {
        String secret = "c2VjcmV0LXNlY3JldA==";
        assertThat(refused(
                        "resources: [" + rule("secrets", "aesgcm: {keys: [{name: a, secret: " + secret + "}]}") + "]"))
                .endsWith("resources[0].providers[0].aesgcm.keys[0].secret: Invalid value: \"REDACTED\": secret is not"
                        + " of the expected length, got 13, expected one of [16 24 32]")
                .doesNotContain(secret);
        assertThat(refused("resources: ["
                        + rule("secrets", "secretbox: {keys: [{name: a, secret: \"%%" + secret + "\"}]}") + "]"))
                .endsWith("Invalid value: \"REDACTED\": secrets must be base64 encoded");
        assertThat(refused("resources: [" + rule("secrets", "secretbox: {keys: [{name: a, secret: [" + secret + "]}]}")
                        + "]"))
                .endsWith("resources[0].providers[0].secretbox.keys[0].secret: must be a string");
        assertThat(refused("resources: [" + rule("secrets", "secretbox: {keys: [{name: a, secret: " + secret + "}")))
                .doesNotContain(secret);
        assertThat(parse("resources: [" + rule("secrets", provider("aesgcm", "a")) + "]")
                        .toString())
                .doesNotContain(KEY)
                .doesNotContain("[B@");
    }

    @Test
    void aPluginIsRefusedBecauseNoneIsCalled() {
        String good = "kms: {apiVersion: v2, name: vault, endpoint: \"unix:///run/kms.sock\", timeout: 3s}";
        assertThat(refused("resources: [" + rule("secrets", good) + "]"))
                .isEqualTo("error while building transformers: could not configure KMS plugin \"vault\": this server"
                        + " calls no KMS plugins");
        assertThat(refused("resources: [" + rule("secrets", "kms: {apiVersion: v2, name: v, endpoint: \"tcp://a\"}")
                        + "]"))
                .endsWith("unsupported scheme \"tcp\" for KMS provider, only unix is supported");
    }
}

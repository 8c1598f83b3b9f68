package dev.coracle.controllers.externalsecrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the kinds let through, and what they refuse rather than to look over it. */
class DefinitionsTest {
    private static final String VAULT = "'server':'https://v','auth':{'tokenSecretRef':{'name':'a','key':'b'}}";
    private static final String AWS = "'service':'SecretsManager','region':'us-east-1','auth':{'secretRef':{"
            + "'accessKeyIDSecretRef':{'name':'a','key':'b'},'secretAccessKeySecretRef':{'name':'a','key':'b'}}}";
    private static final String DATA = "'data':[{'secretKey':'a','remoteRef':{'key':'b'}}]";

    private static World world;
    private static int made;

    @BeforeAll
    static void start() {
        world = new World(Path.of("unused"));
        Furniture.put(world.client());
        Furniture.put(world.client());
        world.settle();
    }

    @AfterAll
    static void stop() throws Exception {
        world.close();
    }

    private static Unstructured store(String provider) {
        return create(ExternalSecrets.STORES, "SecretStore", "'provider':{" + provider + "}");
    }

    private static Unstructured create(GroupVersionResource resource, String kind, String spec) {
        return world.create(
                        resource,
                        "default",
                        "{'apiVersion':'" + resource.apiVersion() + "','kind':'" + kind + "','metadata':{'name':'x"
                                + made++ + "'},'spec':{" + spec + "}}")
                .object();
    }

    @Test
    void whatIsLeftOutIsAsUpstream() {
        Unstructured vault = store("'vault':{" + VAULT + "}").object("spec", "provider", "vault");
        assertThat(vault.string("version")).isEqualTo("v2");
        Unstructured spec = create(ExternalSecrets.RESOURCE, "ExternalSecret", "'secretStoreRef':{'name':'s'}," + DATA)
                .object("spec");
        assertThat(spec.string("refreshInterval")).isEqualTo("1h");
        assertThat(spec.string("target", "creationPolicy")).isEqualTo("Owner");
        assertThat(spec.string("target", "deletionPolicy")).isEqualTo("Retain");
        Unstructured remote = spec.objects("data").getFirst().object("remoteRef");
        assertThat(remote.string("conversionStrategy")).isEqualTo("Default");
        assertThat(remote.string("decodingStrategy")).isEqualTo("None");
    }

    @Test
    void theVersionOfBeforeIsServedToo() {
        var before = new GroupVersionResource("external-secrets.io", "v1beta1", "secretstores");
        Unstructured made = create(before, "SecretStore", "'provider':{'aws':{" + AWS + "}}");
        assertThat(world.get(ExternalSecrets.STORES, made.name()).apiVersion()).isEqualTo("external-secrets.io/v1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '\u0001',
            value = {
                "'gcpsm':{'projectID':'x'} ~ \"spec.provider\" must validate one and only one schema (oneOf)",
                "'vault':{V},'fake':{'data':[]} ~ spec.provider: Too many: 2: must have at most 1 item",
                "'vault':{V,'tls':{'certSecretRef':{'name':'x'}}} ~ spec.provider.vault.tls: Too many: 1: must have at most 0 items",
                "'vault':{V,'headers':{'a':'b'}} ~ vault.headers: Too many: 1",
                "'vault':{V,'readYourWrites':true} ~ vault.readYourWrites: Unsupported value: true",
                "'vault':{V,'version':'v1'} ~ Unsupported value: \"v1\"",
                "'vault':{'server':'https://v','auth':{'appRole':{'path':'x'}}} ~ vault.auth.appRole: Too many: 1",
                "'vault':{'server':'https://v','auth':{}} ~ \"spec.provider.vault.auth\" must validate one",
                "'vault':{'server':'https://me:pw@v','auth':{'tokenSecretRef':{'name':'a','key':'b'}}} ~ should match",
                "'vault':{'server':'https://v','auth':{'kubernetes':{'role':'r'}}} ~ must validate one and only one schema",
                "'aws':{A,'role':'arn:aws:iam::1:role/x'} ~ aws.role: Too long: may not be more than 0 bytes",
                "'aws':{A,'sessionTags':[{'key':'x','value':'y'}]} ~ aws.sessionTags: Too many: 1",
                "'aws':{'service':'ParameterStore','region':'us-east-1','auth':{}} ~ Unsupported value: \"ParameterStore\"",
                "'aws':{'service':'SecretsManager','region':'evil.example/','auth':{}} ~ should match",
            })
    void storesOfOtherWaysAreRefused(String provider, String why) {
        assertThatThrownBy(() -> store(provider.replace("V", VAULT).replace("A", AWS)))
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '\u0001',
            value = {
                "'secretStoreRef':{'name':'s'} ~ \"spec\" must validate at least one schema (anyOf)",
                "'dataFrom':[{'extract':{'key':'k'},'find':{'name':{'regexp':'x'}}}] ~ must validate one and only one schema (oneOf)",
                "'dataFrom':[{'find':{'tags':{'a':'b'}}}] ~ name: Required value",
                "'dataFrom':[{'find':{'name':{'regexp':'x'},'tags':{'a':'b'}}}] ~ find.tags: Too many: 1",
                "'dataFrom':[{'extract':{'key':'k'},'rewrite':[{'regexp':{}}]}] ~ dataFrom[0].rewrite: Too many: 1",
                "'dataFrom':[{'sourceRef':{'generatorRef':{'kind':'UUID','name':'u'}}}] ~ storeRef: Required value",
                "D,'target':{'template':{'templateFrom':[{'literal':'x'}]}} ~ template.templateFrom: Too many: 1",
                "D,'target':{'template':{'engineVersion':'v1'}} ~ Unsupported value: \"v1\"",
                "D,'target':{'manifest':{'kind':'ConfigMap'}} ~ target.manifest: Too many: 1",
                "D,'refreshInterval':'soon' ~ should match",
                "'data':[{'secretKey':'a/b','remoteRef':{'key':'b'}}] ~ should match",
                "'data':[{'secretKey':'a','remoteRef':{'key':'b','metadataPolicy':'Fetch'}}] ~ Unsupported value: \"Fetch\"",
            })
    void whatCannotBeDoneIsRefused(String spec, String why) {
        assertThatThrownBy(() -> create(ExternalSecrets.RESOURCE, "ExternalSecret", spec.replace("D,", DATA + ",")))
                .hasMessageContaining(why);
    }
}

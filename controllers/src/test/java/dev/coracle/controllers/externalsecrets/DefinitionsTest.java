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
                "'gcpsm':{'projectID':'x'} ~ only the providers aws and vault are supported",
                "'vault':{V},'fake':{'data':[]} ~ must have at most 1 item",
                "'vault':{V,'tls':{'certSecretRef':{'name':'x'}}} ~ tls, readYourWrites, forwardInconsistent",
                "'vault':{V,'headers':{'a':'b'}} ~ not supported",
                "'vault':{V,'readYourWrites':true} ~ not supported",
                "'vault':{V,'version':'v1'} ~ Unsupported value: \"v1\"",
                "'vault':{'server':'https://v','auth':{'appRole':{'path':'x'}}} ~ appRole",
                "'vault':{'server':'https://v','auth':{}} ~ either tokenSecretRef or kubernetes must be set",
                "'vault':{'server':'https://me:pw@v','auth':{'tokenSecretRef':{'name':'a','key':'b'}}} ~ should match",
                "'vault':{'server':'https://v','auth':{'kubernetes':{'role':'r'}}} ~ either serviceAccountRef or",
                "'aws':{A,'role':'arn:aws:iam::1:role/x'} ~ role, additionalRoles",
                "'aws':{A,'sessionTags':[{'key':'x','value':'y'}]} ~ not supported",
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
                "'secretStoreRef':{'name':'s'} ~ either data or dataFrom should be specified",
                "'dataFrom':[{'extract':{'key':'k'},'find':{'name':{'regexp':'x'}}}] ~ either extract or find must be set",
                "'dataFrom':[{'find':{'tags':{'a':'b'}}}] ~ name: Required value",
                "'dataFrom':[{'find':{'name':{'regexp':'x'},'tags':{'a':'b'}}}] ~ tags not supported",
                "'dataFrom':[{'extract':{'key':'k'},'rewrite':[{'regexp':{}}]}] ~ rewrite not supported",
                "'dataFrom':[{'sourceRef':{'generatorRef':{'kind':'UUID','name':'u'}}}] ~ storeRef: Required value",
                "D,'target':{'template':{'templateFrom':[{'literal':'x'}]}} ~ templateFrom not supported",
                "D,'target':{'template':{'engineVersion':'v1'}} ~ Unsupported value: \"v1\"",
                "D,'target':{'manifest':{'kind':'ConfigMap'}} ~ manifest not supported",
                "D,'target':{'creationPolicy':'Merge','deletionPolicy':'Delete'} ~ deletionPolicy=Delete must not be used",
                "D,'target':{'creationPolicy':'None','deletionPolicy':'Merge'} ~ There is no Secret to merge with",
                "D,'refreshInterval':'soon' ~ should match",
                "'data':[{'secretKey':'a/b','remoteRef':{'key':'b'}}] ~ should match",
                "'data':[{'secretKey':'a','remoteRef':{'key':'b','metadataPolicy':'Fetch'}}] ~ Unsupported value: \"Fetch\"",
            })
    void whatCannotBeDoneIsRefused(String spec, String why) {
        assertThatThrownBy(() -> create(ExternalSecrets.RESOURCE, "ExternalSecret", spec.replace("D,", DATA + ",")))
                .hasMessageContaining(why);
    }
}

package dev.coracle.apiserver.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.definition.Conversion;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.apply.Structure;
import dev.coracle.machinery.schema.Schema;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A crontab is stored in v2 and served in v1, too. */
class SelectorTest {
    private static final GroupVersionResource V1 = new GroupVersionResource("x.io", "v1", "crontabs");
    private static final GroupVersionResource V2 = new GroupVersionResource("x.io", "v2", "crontabs");

    private final Versions versions = new Versions(new Kinds() {
        @Override
        public Collection<ResourceDefinition> definitions() {
            return List.of(
                    DefinitionBuilder.namespaced("x.io", "v1", "CronTab", "crontabs")
                            .conversion(Conversion.byName(V1, V2))
                            .build(),
                    DefinitionBuilder.namespaced("x.io", "v2", "CronTab", "crontabs")
                            .build());
        }

        @Override
        public Optional<ResourceDefinition> definition(GroupVersionResource resource) {
            return definitions().stream()
                    .filter(d -> d.resource().equals(resource))
                    .findFirst();
        }

        @Override
        public Optional<ResourceDefinition> definition(GroupVersionKind kind) {
            return definitions().stream().filter(d -> d.kind().equals(kind)).findFirst();
        }

        @Override
        public Optional<Schema> schema(GroupVersionKind kind) {
            return Optional.empty();
        }

        @Override
        public Structure structure(GroupVersionKind kind) {
            return Structure.of(path -> null);
        }
    });

    private final Objects nothing = new Objects() {
        @Override
        public List<Revision> list(GroupVersionResource resource, String namespace) {
            return List.of();
        }

        @Override
        public long version(GroupVersionResource resource) {
            return 0;
        }

        @Override
        public Optional<Revision> get(GroupVersionResource resource, String namespace, String name) {
            return Optional.empty();
        }
    };

    private static AdmissionRequest asked(GroupVersionResource version) {
        return new AdmissionRequest(
                AdmissionRequest.Operation.CREATE,
                new GroupVersionKind("x.io", "v2", "CronTab"),
                V2,
                version,
                "",
                "default",
                "c",
                Unstructured.of("x.io/v2", "CronTab", "default", "c"),
                AdmissionRequest.NONE,
                AdmissionRequest.NONE,
                UserInfo.ADMIN,
                false,
                w -> {});
    }

    private Optional<GroupVersionResource> match(String version, String policy, AdmissionRequest request) {
        return Selector.ofWebhook(Unstructured.parse("""
                        {"matchPolicy": "%s", "rules": [{"operations": ["CREATE"], "apiGroups": ["x.io"],
                         "apiVersions": ["%s"], "resources": ["crontabs"]}]}
                        """.formatted(policy, version)))
                .match(request, nothing, versions);
    }

    @Test
    void aRuleForTheVersionAskedForWins() {
        assertThat(match("v1", "Exact", asked(V1))).contains(V1);
        assertThat(match("*", "Equivalent", asked(V1))).contains(V1);
        assertThat(match("v2", "Exact", asked(V2))).contains(V2);
    }

    @Test
    void aRuleForAnotherVersionMatchesWhereThatIsEquivalent() {
        assertThat(match("v2", "Equivalent", asked(V1))).contains(V2);
        assertThat(match("v1", "Equivalent", asked(V2))).contains(V1);
        assertThat(match("v2", "Exact", asked(V1))).isEmpty();
        assertThat(match("v3", "Equivalent", asked(V1))).isEmpty();
    }

    @Test
    void objectsAreShownAndTakenBackInTheVersionOfTheRule() {
        AdmissionRequest request = asked(V1);
        assertThat(versions.kind(request, V1).version()).isEqualTo("v1");
        Unstructured shown = versions.shown(request.object(), V1);
        assertThat(shown.apiVersion()).isEqualTo("x.io/v1");
        assertThat(request.object().apiVersion()).isEqualTo("x.io/v2");
        assertThat(versions.stored(shown, V1)).isEqualTo(request.object());
        assertThat(Requests.described(request, versions, V2, versions.kind(request, V2))
                        .get("requestKind"))
                .hasToString("{group=x.io, version=v1, kind=CronTab}");
    }
}

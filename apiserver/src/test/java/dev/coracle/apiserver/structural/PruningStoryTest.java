package dev.coracle.apiserver.structural;

import static dev.coracle.apiserver.structural.Fixture.object;
import static dev.coracle.apiserver.structural.Fixture.pruned;
import static dev.coracle.apiserver.structural.Fixture.spec;
import static dev.coracle.apiserver.structural.Fixture.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import org.junit.jupiter.api.Test;

class PruningStoryTest {
    @Test
    void whatTheSchemaDoesNotHaveIsTakenOutAndTold() {
        StructuralSchema schema = spec("""
                replicas: {type: integer}
                list: {type: array, items: {type: object, properties: {a: {type: string}}}}
                """);
        Unstructured o = object("{replicas: 1, replcas: 2, list: [{a: x}, {a: 'y', b: z, c: {d: 1}}]}");
        assertThat(pruned(schema, o)).containsExactly("spec.replcas", "spec.list[1].b", "spec.list[1].c");
        assertThat(o.get("spec")).isEqualTo(yaml("{replicas: 1, list: [{a: x}, {a: 'y'}]}"));
        assertThat(o.kind()).isEqualTo("CronTab");
        assertThat(pruned(schema, o)).isEmpty();
    }

    @Test
    void aFieldOfTheRootAndOneOfMetadataAreTakenOut() {
        StructuralSchema schema = spec("a: {type: string}");
        Unstructured o = object("{a: x}").set("y", "other").set("z", "metadata", "nmae");
        o.set(List.of(yaml("{uid: u, wrong: 1}")), "metadata", "ownerReferences");
        assertThat(pruned(schema, o))
                .containsExactlyInAnyOrder("other", "metadata.nmae", "metadata.ownerReferences[0].wrong");
        assertThat(o.name()).isEqualTo("one");
    }

    @Test
    void whatIsPreservedStaysButNamedFieldsInItArePrunedAgain() {
        StructuralSchema schema = spec("""
                any:
                  type: object
                  x-kubernetes-preserve-unknown-fields: true
                  properties: {known: {type: object, properties: {a: {type: string}}}}
                anyList:
                  type: array
                  x-kubernetes-preserve-unknown-fields: true
                  items: {type: object, properties: {a: {type: object}}}
                """);
        Unstructured o = object("""
                {any: {free: {deep: [1]}, known: {a: x, b: 'y'}}, anyList: [{free: 1, a: {b: 1}}]}""");
        assertThat(pruned(schema, o)).containsExactly("spec.any.known.b", "spec.anyList[0].a.b");
        assertThat(o.get("spec"))
                .isEqualTo(yaml("{any: {free: {deep: [1]}, known: {a: x}}, anyList: [{free: 1, a: {}}]}"));
    }

    @Test
    void keysOfMapsStayAndTheirValuesArePruned() {
        StructuralSchema schema = spec("""
                texts: {type: object, additionalProperties: {type: string}}
                objects: {type: object, additionalProperties: {type: object, properties: {a: {type: string}}}}
                whatever: {type: object, additionalProperties: true}
                """);
        Unstructured o = object("{texts: {x.y/z: a}, objects: {k: {a: 1, b: 2}}, whatever: {'n': 1, m: {deep: 1}}}");
        assertThat(pruned(schema, o)).containsExactly("spec.objects.k.b", "spec.whatever.m.deep");
        assertThat(o.get("spec"))
                .isEqualTo(yaml("{texts: {x.y/z: a}, objects: {k: {a: 1}}, whatever: {'n': 1, m: {}}}"));
    }

    @Test
    void anEmbeddedObjectKeepsItsMetadataAndOnlyThat() {
        StructuralSchema schema = spec("""
                template:
                  type: object
                  x-kubernetes-embedded-resource: true
                  properties: {spec: {type: object, properties: {a: {type: string}}}}
                """);
        Unstructured o = object("""
                template:
                  apiVersion: v1
                  kind: Pod
                  metadata: {name: x, labels: {a: b}, unheard: 1}
                  spec: {a: x, b: 'y'}
                  status: {}
                """);
        assertThat(pruned(schema, o))
                .containsExactlyInAnyOrder(
                        "spec.template.metadata.unheard", "spec.template.spec.b", "spec.template.status");
        assertThat(o.get("spec", "template"))
                .isEqualTo(yaml("{apiVersion: v1, kind: Pod, metadata: {name: x, labels: {a: b}}, spec: {a: x}}"));
    }

    @Test
    void aMergePatchKeepsItsNulls() {
        Unstructured patch = new Unstructured(yaml("{spec: {replicas: null, unknown: null}}"));
        assertThat(pruned(spec("replicas: {type: integer}"), patch)).containsExactly("spec.unknown");
        assertThat(patch.map()).isEqualTo(yaml("{spec: {replicas: null}}"));
    }

    @Test
    void ofManyUnknownFieldsTheFirstAreToldAndAllAreTakenOut() {
        Unstructured o = object("{}");
        for (int i = 0; i < 1000; i++) {
            o.set("x", "spec", "field" + i);
        }
        assertThat(pruned(spec("a: {type: string}"), o)).hasSize(100);
        assertThat(o.get("spec")).isEqualTo(yaml("{}"));
    }
}

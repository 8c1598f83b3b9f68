package dev.coracle.apiserver.structural;

import static dev.coracle.apiserver.structural.Fixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.patch.apply.Structure;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StructureStoryTest {
    private final StructuralSchema schema = spec("""
            plain: {type: array, items: {type: string}}
            set: {type: array, x-kubernetes-list-type: set, items: {type: string}}
            ports:
              type: array
              x-kubernetes-list-type: map
              x-kubernetes-list-map-keys: [port, protocol]
              items:
                type: object
                properties:
                  port: {type: integer}
                  protocol: {type: string, default: SCTP}
                  inner: {type: array, x-kubernetes-list-type: set, items: {type: string}}
            whole: {type: object, x-kubernetes-map-type: atomic, properties: {a: {type: string}}}
            byKey:
              type: object
              additionalProperties:
                type: object
                properties: {set: {type: array, x-kubernetes-list-type: set, items: {type: string}}}
            template: {type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}
            """);
    private final Structure structure = schema.structure();

    @Test
    void listsAreWholeUnlessTheySayOtherwise() {
        assertThat(structure.listKeys("spec.plain")).isNull();
        assertThat(structure.listKeys("spec.unheardOf")).isNull();
        assertThat(structure.listKeys("spec.set")).isEmpty();
        assertThat(structure.listKeys("spec.ports")).containsExactly("port", "protocol");
        assertThat(structure.listKeys("spec.ports.inner")).isEmpty();
        assertThat(structure.keyDefault("protocol")).isEqualTo("SCTP");
        assertThat(structure.keyDefault("port")).isNull();
    }

    @Test
    void keysOfMapsMayHaveDots() {
        assertThat(structure.listKeys("spec.byKey.a.example.com/b.set")).isEmpty();
        assertThat(structure.listKeys("spec.byKey.a")).isNull();
    }

    @Test
    void mapsAreSplitUnlessTheySayOtherwise() {
        assertThat(structure.atomicMap("")).isFalse();
        assertThat(structure.atomicMap("spec")).isFalse();
        assertThat(structure.atomicMap("spec.whole")).isTrue();
    }

    @Test
    void metadataIsAsInEveryKind() {
        assertThat(structure.listKeys("metadata.finalizers")).isEmpty();
        assertThat(structure.listKeys("metadata.ownerReferences")).isEqualTo(List.of("uid"));
        assertThat(structure.listKeys("spec.template.metadata.finalizers")).isEmpty();
        assertThat(structure.listKeys("spec.plain.metadata.finalizers")).isNull();
    }

    @Test
    void itIsPublishedAsItWasWritten() {
        assertThat(((Map<?, ?>) schema.openApi().get("properties")).keySet()).hasToString("[spec]");
        schema.openApi().clear();
        assertThat(schema.openApi()).isNotEmpty();
    }
}

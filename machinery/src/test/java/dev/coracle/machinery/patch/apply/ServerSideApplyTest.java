package dev.coracle.machinery.patch.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ServerSideApplyTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final Structure STRUCTURE = Structure.of(path -> switch (path) {
        case "spec.template.spec.containers" -> "name";
        case "spec.template.spec.containers.ports" -> "containerPort";
        default -> null;
    });

    private final ServerSideApply apply = new ServerSideApply(STRUCTURE);

    private static Unstructured deployment(String spec) {
        return Unstructured.parse("{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"web\"},"
                + "\"spec\":" + spec + "}");
    }

    private static Unstructured containers(String... images) {
        StringBuilder list = new StringBuilder();
        for (String i : images) {
            list.append(list.isEmpty() ? "" : ",")
                    .append("{\"name\":\"")
                    .append(i)
                    .append("\",\"image\":\"")
                    .append(i)
                    .append(":1\"}");
        }
        return deployment("{\"template\":{\"spec\":{\"containers\":[" + list + "]}}}");
    }

    private Unstructured by(String manager, Unstructured live, Unstructured intent) {
        return apply.apply(live, intent, manager, false, "", NOON);
    }

    @Test
    void theFirstIntentIsTheObjectAndIsOwned() {
        Unstructured made = by("kubectl", null, containers("web"));
        assertThat(made.object("spec")).isEqualTo(containers("web").object("spec"));
        assertThat(made.objects("metadata", "managedFields")).containsExactly(Unstructured.parse("""
                {"manager":"kubectl","operation":"Apply","apiVersion":"apps/v1","time":"2026-11-23T12:00:00Z",
                 "fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:template":{"f:spec":{"f:containers":{
                 "k:{\\"name\\":\\"web\\"}":{".":{},"f:image":{},"f:name":{}}}}}}}}
                """));
    }

    @Test
    void whatIsNoLongerWantedGoesUnlessSomeoneElseWantsIt() {
        Unstructured live = by("a", null, containers("web", "log"));
        live = by("b", live, containers("log"));
        live = by("a", live, containers("web"));
        assertThat(live.objects("spec", "template", "spec", "containers"))
                .extracting(c -> c.string("name"))
                .containsExactly("web", "log");
        live = by("b", live, containers());
        assertThat(live.objects("spec", "template", "spec", "containers"))
                .extracting(c -> c.string("name"))
                .containsExactly("web");
    }

    @Test
    void anotherValueForAnothersFieldIsAConflictUntilForced() {
        Unstructured live = deployment("{\"replicas\":1}");
        ManagedFields.track(null, live, "kubectl-client-side-apply", "", STRUCTURE, NOON);
        Unstructured intent = deployment("{\"replicas\":3}");
        StatusException e = catchThrowableOfType(StatusException.class, () -> by("me", live, intent));
        assertThat(e)
                .hasMessage("Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using apps/v1:"
                        + " .spec.replicas");
        assertThat(e.code()).isEqualTo(409);
        assertThat(e.details().objects("causes").getFirst().string("field")).isEqualTo(".spec.replicas");
        assertThat(live.integer(0, "spec", "replicas")).isEqualTo(1);

        Unstructured forced = apply.apply(live, intent, "me", true, "", NOON);
        assertThat(forced.integer(0, "spec", "replicas")).isEqualTo(3);
        assertThat(forced.objects("metadata", "managedFields"))
                .filteredOn(m -> m.has("fieldsV1", "f:spec", "f:replicas"))
                .extracting(m -> m.string("manager"))
                .containsExactly("me");
    }

    @Test
    void theSameValueIsSharedAndNoConflict() {
        Unstructured live = by("a", null, deployment("{\"replicas\":2}"));
        Unstructured both = by("b", live, deployment("{\"replicas\":2}"));
        assertThat(both.objects("metadata", "managedFields")).hasSize(2);
        Unstructured left = by("a", both, deployment("{}"));
        assertThat(left.integer(0, "spec", "replicas")).isEqualTo(2);
    }

    @Test
    void anUpdateTakesWhatItChangesAndNothingElse() {
        Unstructured live = by("a", null, deployment("{\"replicas\":2,\"paused\":true}"));
        Unstructured after = live.copy().set(5, "spec", "replicas");
        ManagedFields.track(live, after, "kubectl-scale", "scale", STRUCTURE, NOON);
        assertThat(after.objects("metadata", "managedFields"))
                .filteredOn(m -> m.has("fieldsV1", "f:spec", "f:replicas"))
                .extracting(m -> m.string("manager"))
                .containsExactly("kubectl-scale");
        assertThat(after.objects("metadata", "managedFields"))
                .filteredOn(m -> m.has("fieldsV1", "f:spec", "f:paused"))
                .extracting(m -> m.string("manager"))
                .containsExactly("a");
    }

    @Test
    void applyingTwiceChangesNothing() {
        Unstructured once = by("a", null, containers("web", "log"));
        assertThat(apply.apply(once, containers("web", "log"), "a", false, "", NOON.plusSeconds(60)))
                .isEqualTo(once);
    }
}

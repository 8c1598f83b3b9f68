package dev.coracle.kubelet.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.kubelet.container.ImagePuller.Outcome;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.ImageService;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A node without a network, with one image that was made on it. */
class ImagePullerTest {
    private final VirtualEnvironment world = new VirtualEnvironment(1);
    private final List<String> events = new ArrayList<>();
    private final ImageService.Image box =
            new ImageService.Image("sha256:1", List.of("docker.io/library/busybox:latest"), List.of(), 1, "", 0);
    private CriException.Code failure = CriException.Code.REGISTRY_UNAVAILABLE;
    private int asked;

    private final ImageService images = new ImageService() {
        @Override
        public Optional<Image> imageStatus(String reference) {
            return Optional.of(box)
                    .filter(i -> List.of("busybox", "busybox:latest").contains(reference));
        }

        @Override
        public List<Image> listImages() {
            return List.of(box);
        }

        @Override
        public Optional<StandIn> standIn(String reference) {
            return reference.matches("busybox(:latest|:1.36)?")
                    ? Optional.of(new StandIn(box, "BusyBox v1.35.0", List.of("busybox:1.36")))
                    : Optional.empty();
        }

        @Override
        public String pullImage(String reference, List<Credential> credentials) {
            asked++;
            throw new CriException(failure, "failed to resolve reference");
        }

        @Override
        public void removeImage(String reference) {}

        @Override
        public List<String> loadImage(Path archive) {
            return List.of();
        }
    };

    private final ImagePuller puller = new ImagePuller(
            images,
            (about, type, reason, message) -> events.add(type + " " + reason + ": " + message),
            world.environment(),
            () -> {});

    private Outcome ensure(String image, String policy) {
        Unstructured pod = Unstructured.parse("""
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "default", "uid": "u"},
                 "spec": {"containers": [{"name": "c", "image": "%s", "imagePullPolicy": "%s"}]}}""".formatted(image, policy));
        Unstructured container = pod.objects("spec", "containers").getFirst();
        puller.ensure(pod, container, List::of);
        world.settle();
        return puller.ensure(pod, container, List::of);
    }

    @Test
    void no_registry_is_asked_where_the_policy_does_not_want_it() {
        assertThat(ensure("busybox", "IfNotPresent")).isEqualTo(new Outcome.Present(box));
        assertThat(asked).isZero();
    }

    @Test
    void the_registry_is_asked_first_and_when_it_is_out_of_reach_an_event_says_what_is_used() {
        assertThat(ensure("busybox", "Always")).isEqualTo(new Outcome.Present(box));
        assertThat(asked).isEqualTo(1);
        assertThat(events)
                .containsExactly(
                        "Normal Pulling: Pulling image \"busybox\"",
                        "Warning StandInImage: The registry of image \"busybox\" cannot be reached; used instead is"
                                + " this machine's own: BusyBox v1.35.0");
    }

    @Test
    void a_tag_that_is_not_there_is_stood_in_for_only_where_the_image_says_so() {
        assertThat(ensure("busybox:1.36", "IfNotPresent")).isEqualTo(new Outcome.Present(box));
        assertThat(ensure("busybox:nonesuch", "IfNotPresent"))
                .isInstanceOfSatisfying(
                        Outcome.Waiting.class, w -> assertThat(w.reason()).isEqualTo("ErrImagePull"));
        world.advance(Duration.ofSeconds(3));
        assertThat(ensure("busybox:nonesuch", "IfNotPresent"))
                .isInstanceOfSatisfying(
                        Outcome.Waiting.class, w -> assertThat(w.reason()).isEqualTo("ImagePullBackOff"));
    }

    @Test
    void a_registry_that_says_no_is_believed() {
        failure = CriException.Code.NOT_FOUND;
        assertThat(ensure("busybox:1.36", "Always")).isInstanceOf(Outcome.Waiting.class);
        assertThat(events).noneMatch(e -> e.contains("StandIn")).contains("Warning Failed: Error: ErrImagePull");
    }
}

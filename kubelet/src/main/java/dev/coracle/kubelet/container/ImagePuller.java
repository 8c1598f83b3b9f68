package dev.coracle.kubelet.container;

import dev.coracle.client.EventRecorder;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.ImageService;
import dev.coracle.runtime.ImageService.Credential;
import dev.coracle.runtime.ImageService.Image;
import dev.coracle.runtime.ImageService.StandIn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gets one container's image: as its pull policy says, in the background, and after a failure again with 10 s doubling to
 * 5 min between tries. Where the registry cannot be reached, what was made on this machine to stand in is used, and an
 * event says so.
 */
public final class ImagePuller {
    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration LAST = Duration.ofMinutes(5);

    /** What there is to say about the image now. */
    public sealed interface Outcome {
        record Present(Image image) implements Outcome {}

        /** @param retry look again after this long; null: told through {@code changed} */
        record Waiting(
                String reason, String message, @Nullable Duration retry) implements Outcome {}
    }

    private final ImageService images;
    private final EventRecorder events;
    private final Environment environment;
    private final Runnable changed;
    // All below guarded by this.
    private boolean pulling;
    private @Nullable Image pulled;
    private Duration delay = Duration.ZERO;
    private @Nullable Instant next;
    private String error = "";
    private boolean announced;

    /** @param changed called when a pull has ended, either way */
    public ImagePuller(ImageService images, EventRecorder events, Environment environment, Runnable changed) {
        this.images = images;
        this.events = events;
        this.environment = environment;
        this.changed = changed;
    }

    /**
     * The image if it may be used now; else what is being waited for. Of a container that is started again, an image
     * with the policy Always is asked for again.
     *
     * @param credentials asked for when a pull begins
     */
    public synchronized Outcome ensure(
            Unstructured pod, Unstructured container, Supplier<List<Credential>> credentials) {
        Unstructured about = ContainerReference.of(pod, container);
        String reference = container.string("image");
        String policy = container.stringOr("IfNotPresent", "imagePullPolicy");
        Optional<Image> present;
        try {
            present = images.imageStatus(reference);
        } catch (CriException e) {
            String message = "Failed to apply default image tag \"" + reference + "\": couldn't parse image name \""
                    + reference + "\": invalid reference format";
            if (!announced) {
                announced = true;
                events.warning(about, "InspectFailed", message);
                events.warning(about, "Failed", "Error: InvalidImageName");
            }
            return new Outcome.Waiting("InvalidImageName", message, null);
        }
        if (pulling) {
            return new Outcome.Waiting("", "", null);
        }
        if (pulled != null) {
            return use(pulled);
        }
        if (present.isPresent() && !policy.equals("Always")) {
            events.normal(
                    about,
                    "Pulled",
                    "Container image \"" + reference + "\" already present on machine and can be accessed by the pod");
            return use(present.get());
        }
        if (policy.equals("Never")) {
            String message = "Container image \"" + reference + "\" is not present with pull policy of Never";
            if (!announced) {
                announced = true;
                events.warning(about, "ErrImageNeverPull", message);
                events.warning(about, "Failed", "Error: ErrImageNeverPull");
            }
            return new Outcome.Waiting("ErrImageNeverPull", message, Duration.ofSeconds(30));
        }
        return backoff(about, reference).orElseGet(() -> {
            pulling = true;
            environment.tasks().start("pull " + reference, () -> pull(about, reference, credentials.get()));
            return new Outcome.Waiting("", "", null);
        });
    }

    private Outcome use(Image image) {
        pulled = null;
        announced = false;
        return new Outcome.Present(image);
    }

    /** First the failure itself shows, then, a moment later, that there is a wait. */
    private Optional<Outcome> backoff(Unstructured about, String reference) {
        Instant until = next;
        if (until == null || !environment.clock().now().isBefore(until)) {
            return Optional.empty();
        }
        Duration left = Duration.between(environment.clock().now(), until);
        Instant failed = until.minus(delay);
        Duration shown = Duration.between(failed, environment.clock().now());
        if (shown.compareTo(Duration.ofSeconds(2)) < 0) {
            return Optional.of(new Outcome.Waiting(
                    "ErrImagePull", error, Duration.ofSeconds(2).minus(shown)));
        }
        if (!announced) {
            announced = true;
            events.normal(about, "BackOff", "Back-off pulling image \"" + reference + "\"");
            events.warning(about, "Failed", "Error: ImagePullBackOff");
        }
        return Optional.of(new Outcome.Waiting(
                "ImagePullBackOff", "Back-off pulling image \"" + reference + "\": ErrImagePull: " + error, left));
    }

    private void pull(Unstructured about, String reference, List<Credential> credentials) {
        events.normal(about, "Pulling", "Pulling image \"" + reference + "\"");
        long began = environment.clock().nanos();
        String failure = "";
        Image got = null;
        try {
            String id = images.pullImage(reference, credentials);
            got = images.imageStatus(id).orElseThrow(() -> new CriException("image " + id + " is gone again"));
            String took = seconds(environment.clock().elapsed(began));
            events.normal(
                    about,
                    "Pulled",
                    "Successfully pulled image \"" + reference + "\" in " + took + " (" + took
                            + " including waiting). Image size: " + got.size() + " bytes.");
        } catch (CriException e) {
            failure = String.valueOf(e.getMessage());
            got = standIn(about, reference, e);
            if (got == null) {
                events.warning(about, "Failed", "Failed to pull image \"" + reference + "\": " + failure);
                events.warning(about, "Failed", "Error: ErrImagePull");
            }
        }
        synchronized (this) {
            pulling = false;
            announced = false;
            error = failure;
            pulled = got;
            if (got != null) {
                delay = Duration.ZERO;
                next = null;
            } else {
                delay = delay.isZero()
                        ? FIRST
                        : delay.multipliedBy(2).compareTo(LAST) > 0 ? LAST : delay.multipliedBy(2);
                next = environment.clock().now().plus(delay);
            }
        }
        changed.run();
    }

    /** A machine without a network is to be of use, and nobody is to take what was made on it for what it is not. */
    private @Nullable Image standIn(Unstructured about, String reference, CriException failure) {
        if (failure.code() != CriException.Code.REGISTRY_UNAVAILABLE) {
            return null;
        }
        StandIn found = images.standIn(reference).orElse(null);
        if (found == null) {
            return null;
        }
        events.warning(
                about,
                "StandInImage",
                "The registry of image \"" + reference + "\" cannot be reached; used instead is this machine's own: "
                        + found.contents());
        return found.image();
    }

    private static String seconds(Duration d) {
        return d.toMillis() < 1000 ? d.toMillis() + "ms" : String.format(Locale.ROOT, "%.3fs", d.toMillis() / 1000.0);
    }
}

package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.definition.Rule;
import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Who writes, and how.
 *
 * @param manager recorded in {@code metadata.managedFields}
 * @param subresource {@code ""} for the object itself, {@code status}, {@code scale}, {@code finalize}, {@code approval},
 *     {@code ephemeralcontainers} or {@code resize}
 * @param dryRun do all but the write
 * @param warnings told what the writer should know of a write that is allowed
 * @param asked the version of the resource that the writer knows, if it may be another than the one that is stored
 * @param rule what the version that is written by demands besides
 */
public record WriteContext(
        UserInfo user,
        String manager,
        String subresource,
        boolean dryRun,
        Consumer<String> warnings,
        Optional<GroupVersionResource> asked,
        Rule rule) {
    public WriteContext(UserInfo user, String manager, String subresource, boolean dryRun, Consumer<String> warnings) {
        this(user, manager, subresource, dryRun, warnings, Optional.empty(), Rule.NONE);
    }

    /** The server itself, which makes what every cluster has. */
    public static final WriteContext SERVER =
            new WriteContext(UserInfo.component("system:apiserver"), "kube-apiserver", "", false, w -> {});

    GroupVersionResource requested(GroupVersionResource stored) {
        return asked.orElse(stored);
    }

    /** The server itself, which says of its own objects how they are. */
    public static final WriteContext SERVER_STATUS =
            new WriteContext(SERVER.user(), SERVER.manager(), "status", false, w -> {});

    boolean status() {
        return subresource.equals("status");
    }

    /** The {@code CreateOptions} or {@code UpdateOptions} of such a write. */
    Unstructured options(String kind) {
        Unstructured options = Unstructured.of("meta.k8s.io/v1", kind);
        if (dryRun) {
            options.add("All", "dryRun");
        }
        return options.set(manager.isEmpty() ? null : manager, "fieldManager");
    }

    /** {@code DeleteOptions} as they are sent. */
    Unstructured options(DeleteOptions given) {
        Unstructured options = Unstructured.of("meta.k8s.io/v1", "DeleteOptions");
        if (dryRun) {
            options.add("All", "dryRun");
        }
        return options.set(given.gracePeriodSeconds() < 0 ? null : given.gracePeriodSeconds(), "gracePeriodSeconds")
                .set(given.propagation().isEmpty() ? null : given.propagation(), "propagationPolicy")
                .set(given.uid().isEmpty() ? null : given.uid(), "preconditions", "uid")
                .set(
                        given.resourceVersion().isEmpty() ? null : given.resourceVersion(),
                        "preconditions",
                        "resourceVersion");
    }

    /** Whether it is only said whether a certificate may be signed. */
    boolean approval() {
        return subresource.equals("approval");
    }

    /** Whether only the ephemeral containers of a pod are written. */
    boolean ephemeral() {
        return subresource.equals("ephemeralcontainers");
    }

    /** Whether only what a pod's containers ask for is written. */
    boolean resize() {
        return subresource.equals("resize");
    }
}

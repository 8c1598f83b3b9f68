package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.definition.Rule;
import java.util.function.Consumer;

/**
 * Who writes, and how.
 *
 * @param manager recorded in {@code metadata.managedFields}
 * @param subresource {@code ""} for the object itself, {@code status}, {@code scale}, {@code finalize}, {@code approval} or {@code ephemeralcontainers}
 * @param dryRun do all but the write
 * @param warnings told what the writer should know of a write that is allowed
 * @param rule what the version that is written by demands besides
 */
public record WriteContext(
        UserInfo user, String manager, String subresource, boolean dryRun, Consumer<String> warnings, Rule rule) {
    public WriteContext(UserInfo user, String manager, String subresource, boolean dryRun, Consumer<String> warnings) {
        this(user, manager, subresource, dryRun, warnings, Rule.NONE);
    }

    /** The server itself, which makes what every cluster has. */
    public static final WriteContext SERVER =
            new WriteContext(UserInfo.component("system:apiserver"), "kube-apiserver", "", false, w -> {});

    boolean status() {
        return subresource.equals("status");
    }

    /** Whether it is only said whether a certificate may be signed. */
    boolean approval() {
        return subresource.equals("approval");
    }

    /** Whether only the ephemeral containers of a pod are written. */
    boolean ephemeral() {
        return subresource.equals("ephemeralcontainers");
    }
}

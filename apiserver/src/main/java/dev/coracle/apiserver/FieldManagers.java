package dev.coracle.apiserver;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.StatusException.Cause;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** By what name a writer is recorded in {@code metadata.managedFields}. */
final class FieldManagers {
    private static final int MAX_BYTES = 128;

    private FieldManagers() {}

    /**
     * The given name, or for a component of the control plane that gives none its own, as upstream's components are
     * called: {@code kube-scheduler}, {@code kubelet}.
     *
     * @param kind of the options the name came in, for the message
     * @throws StatusException 422 for a name that is too long or has something unprintable in it
     */
    static String of(String given, UserInfo user, String kind) {
        boolean unnamed = given.isEmpty() || given.equals(WriteOptions.DEFAULT.fieldManager());
        if (unnamed && user.name().startsWith("system:node:")) {
            return "kubelet";
        }
        if (unnamed && user.name().startsWith("system:kube-")) {
            return user.name().substring("system:".length());
        }
        if (given.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw refusal(
                    kind,
                    "FieldValueTooLong",
                    "Too long: may not be more than " + MAX_BYTES + " bytes",
                    "fieldManager");
        }
        if (given.codePoints().anyMatch(c -> Character.isISOControl(c) || !Character.isDefined(c))) {
            throw refusal(
                    kind,
                    "FieldValueInvalid",
                    "Invalid value: \"" + given + "\": should only contain printable characters",
                    "fieldManager");
        }
        return given.isEmpty() ? "unknown" : given;
    }

    static StatusException missing() {
        return refusal(
                "PatchOptions", "FieldValueRequired", "Required value: is required for apply patch", "fieldManager");
    }

    static StatusException forceOfNone() {
        return refusal(
                "PatchOptions", "FieldValueForbidden", "Forbidden: may not be specified for non-apply patch", "force");
    }

    private static StatusException refusal(String kind, String reason, String message, String field) {
        return StatusException.invalid(
                new GroupVersionKind("meta.k8s.io", "v1", kind), "", List.of(new Cause(reason, message, field)));
    }
}

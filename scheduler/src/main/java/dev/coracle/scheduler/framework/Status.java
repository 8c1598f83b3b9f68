package dev.coracle.scheduler.framework;

import java.util.List;

/**
 * Whether a node does.
 *
 * @param reasons why not; empty when it does
 * @param resolvable whether the removal of other pods could make it do
 * @param plugin who says so
 */
public record Status(List<String> reasons, boolean resolvable, String plugin) {
    public static final Status OK = new Status(List.of(), true, "");

    /** No, but it would if other pods were gone. */
    public static Status unschedulable(String... reasons) {
        return new Status(List.of(reasons), true, "");
    }

    /** No, whatever pods are there. */
    public static Status unresolvable(String... reasons) {
        return new Status(List.of(reasons), false, "");
    }

    public Status by(String name) {
        return new Status(reasons, resolvable, name);
    }

    public boolean fits() {
        return reasons.isEmpty();
    }
}

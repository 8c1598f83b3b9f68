package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.machinery.cel.Budget;
import dev.coracle.machinery.cel.DeviceSelector;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Memo;
import dev.coracle.scheduler.framework.Taint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One device that a driver offers; read once per change of its slice, and asked by one thread. */
final class Device {
    final DeviceId id;
    final Place place;
    final boolean isShared;
    final List<Taint> taints = new ArrayList<>();
    final Map<String, Capacity> capacities = new LinkedHashMap<>();
    final List<Counters.Share> shares;
    private final Unstructured spec;
    /** What expressions said of it: they see nothing else, so that it stays true. */
    private final Memo<String, Boolean> matches = new Memo<>();

    private DeviceSelector.@Nullable Seen seen;

    Device(DeviceId id, Unstructured spec, Place place) {
        this.id = id;
        this.spec = spec;
        this.place = place;
        this.isShared = spec.bool("allowMultipleAllocations");
        for (Unstructured t : spec.objects("taints")) {
            Taint taint = new Taint(t.string("key"), t.string("value"), t.string("effect"));
            if (taint.repels()) {
                taints.add(taint);
            }
        }
        Unstructured sizes = spec.object("capacity");
        sizes.map().keySet().forEach(name -> capacities.put(name, Capacity.of(sizes.object(name))));
        this.shares = Counters.shares(spec);
    }

    /** @throws IllegalStateException when that cannot be said, with why */
    boolean matches(String expression, DeviceSelector selector, Budget budget) {
        return matches.of(expression, e -> selector.matches(seen(), budget));
    }

    private DeviceSelector.Seen seen() {
        DeviceSelector.Seen known = seen;
        if (known == null) {
            try {
                known = DeviceSelector.Seen.of(id.driver(), spec);
            } catch (IllegalArgumentException e) {
                throw new IllegalStateException("parse semantic version: " + e.getMessage(), e);
            }
            seen = known;
        }
        return known;
    }

    /** What it says of itself, with its type; a name without a domain is its driver's. */
    Optional<Unstructured> attribute(String qualified) {
        Unstructured attributes = spec.object("attributes");
        if (attributes.has(qualified)) {
            return Optional.of(attributes.object(qualified));
        }
        String own = id.driver() + "/";
        String name = qualified.startsWith(own) ? qualified.substring(own.length()) : "";
        return attributes.has(name) ? Optional.of(attributes.object(name)) : Optional.empty();
    }

    /** What has to become true of it before a pod may be bound. */
    boolean hasConditions() {
        return spec.has("bindingConditions");
    }

    boolean bindsToNode() {
        return spec.bool("bindsToNode");
    }

    @Nullable
    Object get(String field) {
        return spec.get(field);
    }
}

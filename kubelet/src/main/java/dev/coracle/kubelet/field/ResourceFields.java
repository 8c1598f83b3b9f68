package dev.coracle.kubelet.field;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;

/**
 * {@code resourceFieldRef}: a container's request or limit, divided and rounded up. A limit that is not set is what the
 * node has.
 */
public final class ResourceFields {
    private final long nodeMilliCpu;
    private final long nodeMemory;

    public ResourceFields(long nodeMilliCpu, long nodeMemory) {
        this.nodeMilliCpu = nodeMilliCpu;
        this.nodeMemory = nodeMemory;
    }

    /** @throws IllegalArgumentException when the resource is none that may be asked for */
    public String value(Unstructured container, Unstructured ref) {
        String resource = ref.string("resource");
        int dot = resource.indexOf('.');
        String kind = dot < 0 ? "" : resource.substring(0, dot);
        String name = resource.substring(dot + 1);
        if (!kind.equals("limits") && !kind.equals("requests")) {
            throw new IllegalArgumentException("unsupported container resource : " + resource);
        }
        Object set = container.get("resources", kind, name);
        Object divisor = ref.get("divisor");
        boolean whole = divisor == null || String.valueOf(divisor).equals("0");
        if (name.equals("cpu")) {
            long milli = set != null ? Quantity.of(set).milli() : kind.equals("limits") ? nodeMilliCpu : 0;
            return "" + Math.ceilDiv(milli, whole ? 1000 : Quantity.of(divisor).milli());
        }
        long fallback = name.equals("memory") && kind.equals("limits") ? nodeMemory : 0;
        long value = set != null ? Quantity.of(set).value() : fallback;
        return "" + Math.ceilDiv(value, whole ? 1 : Quantity.of(divisor).value());
    }
}

package dev.coracle.controllers.podautoscaler;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;

/** How far, as a part of the target, what is measured may be below or above it with nothing being done. */
record Tolerances(double down, double up) {
    static final Tolerances STANDARD = new Tolerances(0.1, 0.1);

    static Tolerances of(Unstructured hpa) {
        return new Tolerances(of(hpa, "scaleDown", STANDARD.down), of(hpa, "scaleUp", STANDARD.up));
    }

    private static double of(Unstructured hpa, String direction, double standard) {
        return hpa.has("spec", "behavior", direction, "tolerance")
                ? Quantity.of(hpa.get("spec", "behavior", direction, "tolerance"))
                        .doubleValue()
                : standard;
    }

    /** @param ratio of what is to what should be */
    boolean contain(double ratio) {
        return 1.0 - down <= ratio && ratio <= 1.0 + up;
    }
}

package dev.coracle.apiserver.builtin.resource;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.cel.DeviceSelector;

/** Reads expressions that choose devices; the scheduler evaluates them. */
final class DeviceExpressions {
    private DeviceExpressions() {}

    /** Whether it can be read and says yes or no, and not at too great a cost. */
    static void check(Findings findings, String expression, String path) {
        DeviceSelector.Read read = DeviceSelector.read(expression);
        if (read.tree() == null) {
            findings.invalid(path, expression, read.error());
        } else if (DeviceCost.isTooMuch(read.tree().getExpr())) {
            findings.forbidden(path, "too complex, exceeds cost limit");
        }
    }
}

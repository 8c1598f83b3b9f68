package dev.coracle.apiserver.builtin.resource;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.ArrayList;
import java.util.List;

/** Rules for how much of a device that several may have one of them may ask for. */
record CapacityRules(Findings findings) {
    private static final int MOST_VALUES = 10;

    /** @param shared whether the device can be allocated more than once */
    void check(Unstructured capacity, String path, boolean shared) {
        if (!capacity.has("requestPolicy")) {
            return;
        }
        String at = path + ".requestPolicy";
        Unstructured policy = capacity.object("requestPolicy");
        boolean values = !policy.stringList("validValues").isEmpty();
        if (!shared) {
            findings.forbidden(at, "allowMultipleAllocations must be true");
        } else if (values && policy.has("validRange")) {
            findings.forbidden(
                    at,
                    "exactly one policy can be specified, cannot specify \"validValues\" and \"validRange\" at the same"
                            + " time");
        } else if ((values || policy.has("validRange")) && !policy.has("default")) {
            findings.required(
                    at + ".default", "required when " + (values ? "validValues" : "validRange") + " is defined");
        } else if (values) {
            values(policy, amount(capacity, "value"), at + ".validValues");
        } else if (policy.has("validRange")) {
            range(
                    policy.object("validRange"),
                    amount(policy, "default"),
                    amount(capacity, "value"),
                    at + ".validRange");
        }
    }

    private void values(Unstructured policy, Quantity most, String path) {
        List<Quantity> values = new ArrayList<>();
        policy.stringList("validValues").forEach(v -> values.add(Quantity.parse(v)));
        for (int i = 1; i < values.size(); i++) {
            if (values.get(i - 1).compareTo(values.get(i)) > 0) {
                findings.invalid(
                        path + "[" + i + "]", values.get(i).toString(), "values must be sorted in ascending order");
            }
        }
        new Several(findings)
                .set(
                        values,
                        MOST_VALUES,
                        path,
                        (v, at) -> {
                            if (v.compareTo(most) > 0) {
                                findings.invalid(at, v.toString(), "option is larger than capacity value: " + most);
                            }
                        },
                        v -> String.valueOf(v.value()));
        Quantity otherwise = amount(policy, "default");
        if (values.stream().noneMatch(v -> v.compareTo(otherwise) == 0)) {
            findings.invalid(path, otherwise.toString(), "default value is not valid according to the requestPolicy");
        }
    }

    private void range(Unstructured range, Quantity otherwise, Quantity most, String path) {
        if (!range.has("min")) {
            findings.required(path + ".min", "required when validRange is defined");
            return;
        }
        Quantity min = amount(range, "min");
        if (min.compareTo(most) > 0) {
            findings.invalid(path + ".min", min.toString(), "min is larger than capacity value: " + most);
        }
        if (otherwise.compareTo(min) < 0) {
            findings.invalid(path + ".default", otherwise.toString(), "default is less than min: " + min);
        }
        if (range.has("max")) {
            Quantity max = amount(range, "max");
            if (min.compareTo(max) > 0) {
                findings.invalid(path + ".max", min.toString(), "min is larger than max: " + max);
            }
            if (max.compareTo(most) > 0) {
                findings.invalid(path + ".max", max.toString(), "max is larger than capacity value: " + most);
            }
            if (otherwise.compareTo(max) > 0) {
                findings.invalid(path + ".default", otherwise.toString(), "default is more than max: " + max);
            }
        }
        if (range.has("step")) {
            step(range, otherwise, min, most, path + ".step");
        }
    }

    private void step(Unstructured range, Quantity otherwise, Quantity min, Quantity most, String path) {
        Quantity step = amount(range, "step");
        if (step.value() <= 0) {
            findings.invalid(path, step.toString(), "must be greater than zero");
            return;
        }
        Quantity one = min.plus(step);
        if (one.compareTo(most) > 0) {
            findings.invalid(path, step.toString(), "one step " + one + " is larger than capacity value: " + most);
        }
        multiple(otherwise, min, step, path);
        if (range.has("max")) {
            multiple(amount(range, "max"), min, step, path);
        }
    }

    private void multiple(Quantity value, Quantity min, Quantity step, String path) {
        if ((value.value() - min.value()) % step.value() != 0) {
            findings.invalid(
                    path,
                    value.toString(),
                    "value is not a multiple of a given step (" + step + ") from (" + min + ")");
        }
    }

    private static Quantity amount(Unstructured o, String field) {
        return Quantity.of(o.get(field));
    }
}

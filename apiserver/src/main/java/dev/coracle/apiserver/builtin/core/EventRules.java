package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;

/** Of every event, old style or new: one of the new style is known by its {@code eventTime}. */
final class EventRules {
    private static final int LONGEST = 128;
    private static final int LONGEST_MESSAGE = 1024;

    private final Findings findings;

    EventRules(Findings findings) {
        this.findings = findings;
    }

    void check(Unstructured o) {
        String about = o.string("involvedObject", "namespace");
        boolean fits;
        if (o.has("eventTime")) {
            fits = !about.isEmpty()
                    || o.namespace().equals("default")
                    || o.namespace().equals("kube-system");
        } else {
            fits = about.isEmpty()
                    ? o.namespace().equals("default")
                    : o.namespace().equals(about);
        }
        if (!fits) {
            findings.invalid("involvedObject.namespace", about, "does not match event.namespace");
        }
        if (o.has("eventTime")) {
            reported(o);
        }
    }

    private void reported(Unstructured o) {
        String controller = o.string("reportingComponent");
        if (controller.isEmpty()) {
            findings.required("reportingController", "");
        }
        findings.invalid("reportingController", controller, Names.qualified(controller));
        for (String field : new String[] {"reportingInstance", "action", "reason"}) {
            if (o.string(field).isEmpty()) {
                findings.required(field, "");
            }
            most(o, field, LONGEST);
        }
        most(o, "message", LONGEST_MESSAGE);
    }

    private void most(Unstructured o, String field, int most) {
        if (o.string(field).getBytes(StandardCharsets.UTF_8).length > most) {
            findings.invalid(field, "", "can have at most " + most + " characters");
        }
    }
}

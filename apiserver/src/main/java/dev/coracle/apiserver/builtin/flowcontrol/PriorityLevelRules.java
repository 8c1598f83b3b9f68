package dev.coracle.apiserver.builtin.flowcontrol;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.object.Unstructured;
import java.util.Optional;

/** Rules of PriorityLevelConfigurations. */
final class PriorityLevelRules {
    private static final long MOST_QUEUES = 10_000_000;
    /** Of the hash by which a flow is dealt its queues. */
    private static final int HASH = 60;

    private final Findings findings;

    PriorityLevelRules(Findings findings) {
        this.findings = findings;
    }

    void check(Unstructured o) {
        Unstructured spec = o.object("spec");
        String type = spec.string("type");
        if (o.name().equals("exempt") != type.equals("Exempt")) {
            findings.invalid("spec.type", type, "type must be 'Exempt' if and only if `name` is 'exempt'");
        }
        switch (type) {
            case "Exempt" -> {
                if (spec.has("limited")) {
                    findings.forbidden("spec.limited", "must be nil if the type is not Limited");
                }
                shares(spec.object("exempt"), "spec.exempt");
            }
            case "Limited" -> {
                if (spec.has("exempt")) {
                    findings.forbidden("spec.exempt", "must be nil if the type is Limited");
                }
                if (spec.has("limited")) {
                    limited(spec.object("limited"));
                } else {
                    findings.required("spec.limited", "must not be empty when type is Limited");
                }
            }
            default -> findings.notSupported("spec.type", type, "Exempt", "Limited");
        }
        mandatory(o);
        Conditions.check(findings, o);
    }

    /** Of the level that is exempt, how much it lends may be changed all the same. */
    private void mandatory(Unstructured o) {
        Optional<Unstructured> fixed = SuggestedFlows.mandatoryLevel(o.name());
        if (fixed.isEmpty()) {
            return;
        }
        Unstructured wanted = fixed.get().object("spec").copy();
        Unstructured given = o.object("spec").copy();
        if (o.name().equals("exempt")) {
            wanted.remove("exempt");
            given.remove("exempt");
        }
        if (!given.equals(wanted)) {
            findings.invalid("spec", o.get("spec"), "spec of '" + o.name() + "' must equal the fixed value");
        }
    }

    private void shares(Unstructured level, String path) {
        if (level.integer(0, "nominalConcurrencyShares") < 0) {
            findings.invalid(
                    path + ".nominalConcurrencyShares",
                    level.integer(0, "nominalConcurrencyShares"),
                    "must be a non-negative integer");
        }
        long lent = level.integer(0, "lendablePercent");
        if (lent < 0 || lent > 100) {
            findings.invalid(path + ".lendablePercent", lent, "must be between 0 and 100, inclusive");
        }
    }

    private void limited(Unstructured limited) {
        shares(limited, "spec.limited");
        if (limited.integer(0, "borrowingLimitPercent") < 0) {
            findings.invalid(
                    "spec.limited.borrowingLimitPercent",
                    limited.integer(0, "borrowingLimitPercent"),
                    "if specified, must be a non-negative integer");
        }
        Unstructured response = limited.object("limitResponse");
        String path = "spec.limited.limitResponse";
        switch (response.string("type")) {
            case "Reject" -> {
                if (response.has("queuing")) {
                    findings.forbidden(path + ".queuing", "must be nil if limited.limitResponse.type is not Limited");
                }
            }
            case "Queue" -> {
                if (response.has("queuing")) {
                    queuing(response.object("queuing"), path + ".queuing");
                } else {
                    findings.required(path + ".queuing", "must not be empty if limited.limitResponse.type is Limited");
                }
            }
            default -> findings.notSupported(path + ".type", response.string("type"), "Queue", "Reject");
        }
    }

    private void queuing(Unstructured q, String path) {
        positive(q, path, "queueLengthLimit");
        long queues = q.integer(0, "queues");
        positive(q, path, "queues");
        if (queues > MOST_QUEUES) {
            findings.invalid(path + ".queues", queues, "must not be greater than " + MOST_QUEUES);
        }
        long hand = q.integer(0, "handSize");
        positive(q, path, "handSize");
        if (hand > queues) {
            findings.invalid(path + ".handSize", hand, "should not be greater than queues (" + queues + ")");
        } else if (hand > 0 && entropy(queues, hand) > HASH) {
            findings.invalid(
                    path + ".handSize",
                    hand,
                    "required entropy bits of deckSize " + queues + " and handSize " + hand
                            + " should not be greater than " + HASH);
        }
    }

    private void positive(Unstructured q, String path, String field) {
        if (q.integer(0, field) <= 0) {
            findings.invalid(path + "." + field, q.integer(0, field), "must be positive");
        }
    }

    /** How many bits it takes to deal so many different queues, one after the other. */
    private static int entropy(long queues, long hand) {
        double bits = 0;
        for (long i = 0; i < hand && bits <= HASH; i++) {
            bits += Math.log(queues - i) / Math.log(2);
        }
        return (int) Math.ceil(bits);
    }
}

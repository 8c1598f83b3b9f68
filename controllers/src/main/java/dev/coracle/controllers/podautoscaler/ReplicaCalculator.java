package dev.coracle.controllers.podautoscaler;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * How many replicas one metric asks for, at one instant. Changes nothing.
 *
 * <p>Example: 4 pods are to use 50 % of what they request and use 90 %: 4 × 90/50 makes 8, rounded up. Is one of the four not
 * ready yet it counts as idle: (3 × 90 + 0)/4 is 67 %, which makes 6; and should more pods be missing than the others' excess
 * makes up for, nothing is done. What errs errs towards what is.
 *
 * @param replicas that are wanted now
 * @param pods that the target's selector selects
 */
record ReplicaCalculator(long replicas, List<Replica> pods, Tolerances tolerances, Instant now) {
    /**
     * @param replicas that there should be
     * @param usage that led to it, in thousandths: of a pod on average, or of what one object or all the world says
     * @param percent of what is requested, where that is what counts
     */
    record Proposal(long replicas, long usage, long percent) {}

    /** What an amount of use means. */
    private interface Gauge {
        Reading read(Map<String, Long> usage);

        /** What a pod is taken to use of which nothing is known, where it is about having fewer of them. */
        long full(String pod);
    }

    /** @param ratio of what is to what should be */
    private record Reading(double ratio, long average, long percent) {}

    // ---- measured pod by pod

    /**
     * By the part that pods use of what they request.
     *
     * @param requests of each pod, in thousandths; not asked for where no sample counts
     * @param target in percent
     */
    Proposal byUtilization(
            Map<String, Sample> samples, Supplier<Map<String, Long>> requests, long target, boolean processor) {
        return byPod(samples, processor, () -> utilization(requests.get(), target));
    }

    /** @param target of a pod on average, in thousandths */
    Proposal byAverage(Map<String, Sample> samples, long target, boolean processor) {
        return byPod(samples, processor, () -> average(target));
    }

    private static Gauge utilization(Map<String, Long> requests, long target) {
        return new Gauge() {
            @Override
            public Reading read(Map<String, Long> usage) {
                Map<String, Long> known = new HashMap<>(usage);
                known.keySet().retainAll(requests.keySet());
                BigInteger used = sum(known.values());
                BigInteger requested =
                        sum(known.keySet().stream().map(requests::get).toList());
                if (requested.signum() == 0) {
                    throw new UnmeasuredException("no metrics returned matched known pods");
                }
                long percent = clamped(used.multiply(BigInteger.valueOf(100)).divide(requested), Integer.MAX_VALUE);
                return new Reading((double) percent / target, mean(used, known.size()), percent);
            }

            @Override
            public long full(String pod) {
                BigInteger request = BigInteger.valueOf(requests.getOrDefault(pod, 0L));
                BigInteger hundredfold = request.multiply(BigInteger.valueOf(Math.max(100, target)));
                return clamped(hundredfold.divide(BigInteger.valueOf(100)), Long.MAX_VALUE);
            }
        };
    }

    private static Gauge average(long target) {
        return new Gauge() {
            @Override
            public Reading read(Map<String, Long> usage) {
                long mean = mean(sum(usage.values()), usage.size());
                return new Reading((double) mean / target, mean, 0);
            }

            @Override
            public long full(String pod) {
                return target;
            }
        };
    }

    private Proposal byPod(Map<String, Sample> samples, boolean processor, Supplier<Gauge> scale) {
        if (pods.isEmpty()) {
            throw new UnmeasuredException("no pods returned by selector while calculating replica count");
        }
        Set<String> unready = new HashSet<>();
        Set<String> missing = new HashSet<>();
        Map<String, Long> usage = new HashMap<>();
        samples.forEach((pod, sample) -> usage.put(pod, sample.value()));
        int ready = 0;
        for (Replica pod : pods) {
            Sample sample = samples.get(pod.name());
            if (pod.going()) {
                usage.remove(pod.name());
            } else if (pod.isPending() || sample != null && processor && pod.isStarting(sample, now)) {
                usage.remove(pod.name());
                unready.add(pod.name());
            } else if (sample == null) {
                missing.add(pod.name());
            } else {
                ready++;
            }
        }
        if (usage.isEmpty()) {
            throw new UnmeasuredException("did not receive metrics for targeted pods (pods might be unready)");
        }
        Gauge gauge = scale.get();
        Reading first = gauge.read(usage);
        boolean idle = !unready.isEmpty() && first.ratio() > 1;
        if (!idle && missing.isEmpty()) {
            long size = tolerances.contain(first.ratio()) ? replicas : up(first.ratio() * ready);
            return new Proposal(size, first.average(), first.percent());
        }
        if (first.ratio() < 1) {
            missing.forEach(pod -> usage.put(pod, gauge.full(pod)));
        } else if (first.ratio() > 1) {
            missing.forEach(pod -> usage.put(pod, 0L));
        }
        if (idle) {
            unready.forEach(pod -> usage.put(pod, 0L));
        }
        double ratio = gauge.read(usage).ratio();
        return new Proposal(cautious(first.ratio(), ratio, usage.size()), first.average(), first.percent());
    }

    /** Where what is not known would turn the direction, nothing is done. */
    private long cautious(double known, double assumed, int counted) {
        if (tolerances.contain(assumed) || known < 1 && assumed > 1 || known > 1 && assumed < 1) {
            return replicas;
        }
        long size = up(assumed * counted);
        boolean turned = assumed < 1 && size > replicas || assumed > 1 && size < replicas;
        return turned ? replicas : size;
    }

    // ---- measured as a whole

    /** By one value for all, which as many pods as serve bring about. */
    Proposal byValue(long usage, long target) {
        double ratio = (double) usage / target;
        if (replicas == 0) {
            return new Proposal(up(ratio), usage, 0);
        }
        if (tolerances.contain(ratio)) {
            return new Proposal(replicas, usage, 0);
        }
        if (pods.isEmpty()) {
            throw new UnmeasuredException("unable to calculate ready pods: no pods returned by selector while"
                    + " calculating replica count");
        }
        return new Proposal(up(ratio * pods.stream().filter(Replica::isServing).count()), usage, 0);
    }

    /**
     * By one value that the pods share.
     *
     * @param there how many pods share it now
     * @param target of each, in thousandths
     */
    Proposal byShare(long usage, long target, long there) {
        double ratio = (double) usage / ((double) target * there);
        long size = tolerances.contain(ratio) ? there : up((double) usage / target);
        return new Proposal(size, there == 0 ? usage : (long) Math.ceil((double) usage / there), 0);
    }

    /** All values together. */
    static long total(Collection<Long> values) {
        return clamped(sum(values), Long.MAX_VALUE);
    }

    private static long up(double replicas) {
        return (long) Math.min(Integer.MAX_VALUE, Math.ceil(replicas));
    }

    private static BigInteger sum(Collection<Long> values) {
        return values.stream().map(BigInteger::valueOf).reduce(BigInteger.ZERO, BigInteger::add);
    }

    private static long mean(BigInteger sum, int count) {
        return sum.divide(BigInteger.valueOf(count)).longValue();
    }

    private static long clamped(BigInteger value, long most) {
        return value.min(BigInteger.valueOf(most)).longValue();
    }
}

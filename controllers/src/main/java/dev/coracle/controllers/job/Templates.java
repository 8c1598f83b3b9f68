package dev.coracle.controllers.job;

import dev.coracle.controllers.kit.PodControl;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;

/** What a Job's pod is made of: its template, the finalizer, and its index if it has one. */
final class Templates {
    private static final String VARIABLE = "JOB_COMPLETION_INDEX";
    /** The server draws five characters more, and the whole is to fit a label. */
    private static final int LONGEST_PREFIX = 58;

    private Templates() {}

    static Unstructured pod(Tally tally, int index) {
        Unstructured job = tally.job();
        Unstructured pod = PodControl.pod(job, job.object("spec", "template"));
        if (!JobPods.isTracked(pod)) {
            pod.add(JobPods.FINALIZER, "metadata", "finalizers");
        }
        if (index == JobPods.NONE) {
            return pod;
        }
        pod.set("" + index, "metadata", "annotations", JobPods.INDEX);
        pod.set("" + index, "metadata", "labels", JobPods.INDEX);
        pod.set(job.name() + "-" + index, "spec", "hostname");
        pod.set(prefix(job.name(), "-" + index + "-"), "metadata", "generateName");
        variables(pod);
        if (tally.failedIndexes() != null) {
            failures(pod, tally, index);
        }
        return pod;
    }

    private static String prefix(String name, String end) {
        return name.substring(0, Math.min(name.length(), LONGEST_PREFIX - end.length())) + end;
    }

    /** By the downward API, so that the containers of all indexes are alike. */
    private static void variables(Unstructured pod) {
        List<Unstructured> containers = new ArrayList<>(pod.objects("spec", "initContainers"));
        containers.addAll(pod.objects("spec", "containers"));
        for (Unstructured c : containers) {
            if (c.objects("env").stream().noneMatch(e -> e.string("name").equals(VARIABLE))) {
                c.add(
                        Unstructured.parse("{}")
                                .set(VARIABLE, "name")
                                .set("metadata.labels['" + JobPods.INDEX + "']", "valueFrom", "fieldRef", "fieldPath"),
                        "env");
            }
        }
    }

    private static void failures(Unstructured pod, Tally tally, int index) {
        Unstructured last = tally.replaceable().get(index);
        int failures = 0;
        int ignored = 0;
        if (last != null) {
            boolean counts = FailurePolicy.of(last, tally.spec().failureRules()).counts();
            failures = JobPods.failures(last) + (counts ? 1 : 0);
            ignored = JobPods.ignored(last) + (counts ? 0 : 1);
        }
        pod.set("" + failures, "metadata", "annotations", JobPods.FAILURES);
        pod.set(ignored == 0 ? null : "" + ignored, "metadata", "annotations", JobPods.IGNORED);
    }
}

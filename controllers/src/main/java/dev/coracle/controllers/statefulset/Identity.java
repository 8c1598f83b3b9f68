package dev.coracle.controllers.statefulset;

import dev.coracle.machinery.object.Unstructured;

/** What the pods of a set are called: {@code NAME-ORDINAL}, and labelled. */
final class Identity {
    static final String POD_NAME = "statefulset.kubernetes.io/pod-name";
    static final String POD_INDEX = "apps.kubernetes.io/pod-index";
    static final String REVISION = "controller-revision-hash";

    private static final int MOST_DIGITS = 9;

    private Identity() {}

    static String podName(Unstructured set, int ordinal) {
        return set.name() + "-" + ordinal;
    }

    /**
     * The ordinal in a name that begins with {@code prefix} and a dash; -1 where it is none. {@code web-07} is none of
     * {@code web}: were it, two pods could be the seventh.
     */
    static int ordinal(String prefix, String name) {
        if (!name.startsWith(prefix + "-")) {
            return -1;
        }
        String digits = name.substring(prefix.length() + 1);
        boolean canonical = digits.matches("0|[1-9][0-9]*") && digits.length() <= MOST_DIGITS;
        return canonical ? Integer.parseInt(digits) : -1;
    }

    static int ordinal(Unstructured set, Unstructured pod) {
        return ordinal(set.name(), pod.name());
    }

    static boolean isMember(Unstructured set, Unstructured pod) {
        return ordinal(set, pod) >= 0;
    }

    static boolean matches(Unstructured pod) {
        return pod.name().equals(pod.labels().get(POD_NAME));
    }

    /** Labels that may be lost, and put back while the pod runs. */
    static void label(Unstructured pod, int ordinal) {
        pod.set(pod.name(), "metadata", "labels", POD_NAME);
        pod.set("" + ordinal, "metadata", "labels", POD_INDEX);
    }
}

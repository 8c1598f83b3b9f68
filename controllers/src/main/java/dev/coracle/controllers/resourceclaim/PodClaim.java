package dev.coracle.controllers.resourceclaim;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the claims that a pod names.
 *
 * @param name by which its containers know it
 * @param template of which it is made; {@code ""} for one that is there already
 * @param claim the ResourceClaim's name; {@code ""} for one that is not made yet, or is not needed
 * @param known whether the pod's status tells of it
 */
record PodClaim(String name, String template, String claim, boolean known) {
    /** On a claim that was made for a pod: which of its claims that is. */
    static final String ANNOTATION = "resource.kubernetes.io/pod-claim-name";

    private static final int LONGEST_BASE = 57;

    static List<PodClaim> of(Unstructured pod) {
        List<PodClaim> all = new ArrayList<>();
        for (Unstructured asked : pod.objects("spec", "resourceClaims")) {
            String name = asked.string("name");
            Unstructured status = pod.objects("status", "resourceClaimStatuses").stream()
                    .filter(s -> s.string("name").equals(name))
                    .findFirst()
                    .orElse(null);
            String made = status == null ? "" : status.string("resourceClaimName");
            String template = asked.string("resourceClaimTemplateName");
            all.add(new PodClaim(
                    name, template, template.isEmpty() ? asked.string("resourceClaimName") : made, status != null));
        }
        return all;
    }

    boolean isMade() {
        return !template.isEmpty();
    }

    /**
     * What its name begins with. A label has 63 characters, of which five will be random; both names show, each cut in
     * proportion.
     */
    String base(String pod) {
        String whole = pod + "-" + name + "-";
        if (whole.length() <= LONGEST_BASE) {
            return whole;
        }
        return pod.substring(0, pod.length() * LONGEST_BASE / whole.length())
                + "-"
                + name.substring(0, name.length() * LONGEST_BASE / whole.length());
    }
}

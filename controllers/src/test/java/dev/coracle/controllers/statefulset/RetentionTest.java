package dev.coracle.controllers.statefulset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who owns a claim. */
class RetentionTest {
    private static final Unstructured POD =
            World.tree("{'apiVersion':'v1','kind':'Pod','metadata':{'name':'web-2','uid':'p'}}");

    @Test
    void thePolicySaysWithWhomAClaimGoes() {
        assertThat(owners("Retain", "Retain", false)).isEmpty();
        assertThat(owners("Retain", "Retain", true)).isEmpty();
        assertThat(owners("Delete", "Retain", false)).containsExactly("s");
        assertThat(owners("Delete", "Retain", true)).containsExactly("s");
        assertThat(owners("Retain", "Delete", false)).isEmpty();
        assertThat(owners("Retain", "Delete", true)).containsExactly("p");
        assertThat(owners("Delete", "Delete", false)).containsExactly("s");
        assertThat(owners("Delete", "Delete", true)).containsExactly("p");
    }

    @Test
    void aPolicyThatChangesIsFollowed() {
        Unstructured claim = new Retention(set("Delete", "Delete"), POD, false).apply(claim());
        Retention kept = new Retention(set("Retain", "Retain"), POD, false);
        assertThat(kept.isUpToDate(claim)).isFalse();
        assertThat(kept.apply(claim).ownerReferences()).isEmpty();
        Retention back = new Retention(set("Retain", "Delete"), POD, true);
        Unstructured condemned = back.apply(claim);
        assertThat(new Retention(set("Retain", "Delete"), POD, false).isUpToDate(condemned))
                .as("scaled up again before the pod was gone")
                .isFalse();
    }

    @Test
    void whatIsAnothersOrOfAnEarlierOneIsLeftAlone() {
        Unstructured foreign = claim().addOwner(new OwnerReference("v1", "Pod", "other", "o", true, true));
        Retention deleting = new Retention(set("Delete", "Delete"), POD, false);
        assertThat(deleting.isUpToDate(foreign)).isTrue();
        assertThat(deleting.isForeign(foreign)).isTrue();
        Unstructured both =
                foreign.copy().addOwner(new OwnerReference("apps/v1", "StatefulSet", "web", "s", false, true));
        assertThat(deleting.isUpToDate(both)).as("ours is taken back").isFalse();
        assertThat(uids(deleting.apply(both))).containsExactly("o");
        Unstructured earlier = claim().addOwner(new OwnerReference("v1", "Pod", "web-2", "before", true, true));
        assertThat(deleting.isUpToDate(earlier)).isTrue();
        assertThat(Retention.isLeftBehind(set("Retain", "Delete"), POD, earlier))
                .isTrue();
        assertThat(Retention.isLeftBehind(set("Delete", "Retain"), POD, earlier))
                .isFalse();
    }

    @Test
    void anOwnerThatDoesNotControlIsMadeToControl() {
        Unstructured loose = claim().addOwner(new OwnerReference("apps/v1", "StatefulSet", "web", "s", false, false));
        Retention deleting = new Retention(set("Delete", "Retain"), POD, false);
        assertThat(deleting.isUpToDate(loose)).isFalse();
        assertThat(deleting.apply(loose).ownerReferences()).singleElement().matches(OwnerReference::controller);
    }

    private static List<String> owners(String whenDeleted, String whenScaled, boolean condemned) {
        Retention retention = new Retention(set(whenDeleted, whenScaled), POD, condemned);
        Unstructured claim = claim();
        Unstructured next = retention.apply(claim);
        assertThat(retention.isUpToDate(claim)).isEqualTo(next.ownerReferences().isEmpty());
        assertThat(retention.isUpToDate(next)).isTrue();
        return uids(next);
    }

    private static List<String> uids(Unstructured claim) {
        return claim.ownerReferences().stream().map(OwnerReference::uid).toList();
    }

    private static Unstructured claim() {
        return World.tree("{'metadata':{'name':'www-web-2'}}");
    }

    private static Unstructured set(String whenDeleted, String whenScaled) {
        return World.tree("{'apiVersion':'apps/v1','kind':'StatefulSet','metadata':{'name':'web','uid':'s'},'spec':{"
                + "'persistentVolumeClaimRetentionPolicy':{'whenDeleted':'" + whenDeleted + "','whenScaled':'"
                + whenScaled + "'}}}");
    }
}

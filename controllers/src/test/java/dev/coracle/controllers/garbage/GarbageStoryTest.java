package dev.coracle.controllers.garbage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What belongs to nobody goes. */
class GarbageStoryTest {
    private World world;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        world.run(GarbageCollector::new);
        world.kubelet().shutdown(Duration.ofSeconds(10));
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void inTheBackgroundDependentsFollow() {
        chain();
        world.delete(Resources.CONFIG_MAPS, "default", "top", "Background");
        assertThat(world.exists(Resources.CONFIG_MAPS, "default", "top")).isFalse();
        world.settle();
        assertThat(world.exists(Resources.CONFIG_MAPS, "default", "middle")).isFalse();
        assertThat(world.get(Resources.PODS, "bottom").isDeleting()).isTrue();
        assertThat(world.exists(Resources.CONFIG_MAPS, "default", "free")).isTrue();
        world.advance(Duration.ofSeconds(15));
        assertThat(world.pods()).isEmpty();
    }

    @Test
    void inTheForegroundTheOwnerGoesLast() {
        chain();
        world.delete(Resources.CONFIG_MAPS, "default", "top", "Foreground");
        world.settle();
        assertThat(world.get(Resources.CONFIG_MAPS, "top").isDeleting()).isTrue();
        assertThat(world.get(Resources.CONFIG_MAPS, "middle").isDeleting()).isTrue();
        assertThat(world.get(Resources.PODS, "bottom").isDeleting()).isTrue();
        world.advance(Duration.ofSeconds(15));
        assertThat(world.pods()).isEmpty();
        assertThat(world.exists(Resources.CONFIG_MAPS, "default", "middle")).isFalse();
        assertThat(world.exists(Resources.CONFIG_MAPS, "default", "top")).isFalse();
    }

    @Test
    void orphansStay() {
        chain();
        world.delete(Resources.CONFIG_MAPS, "default", "top", "Orphan");
        world.settle();
        assertThat(world.exists(Resources.CONFIG_MAPS, "default", "top")).isFalse();
        assertThat(world.get(Resources.CONFIG_MAPS, "middle").ownerReferences()).isEmpty();
        assertThat(world.get(Resources.PODS, "bottom").isDeleting()).isFalse();
    }

    /** Nobody here knew of such a kind before its definition came. */
    @Test
    void kindsThatUsersBringOwnAndAreOwned() {
        var definitions = new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");
        var works = new GroupVersionResource("example.com", "v1", "works");
        world.create(definitions, "", """
                {'apiVersion':'apiextensions.k8s.io/v1','kind':'CustomResourceDefinition',
                 'metadata':{'name':'works.example.com'},
                 'spec':{'group':'example.com','scope':'Namespaced','names':{'plural':'works','kind':'Work'},
                  'versions':[{'name':'v1','served':true,'storage':true,'schema':{'openAPIV3Schema':{'type':'object'}}}]}}
                """);
        world.settle();
        String work = "{'apiVersion':'example.com/v1','kind':'Work','metadata':{'name':'%s'%s}}";
        String owned = ",'ownerReferences':[{'apiVersion':'example.com/v1','kind':'Work','name':'top','uid':'%s'}]";
        world.create(works, "default", work.formatted("top", ""));
        String uid = world.client().get(works, "default", "top").uid();
        world.create(works, "default", work.formatted("below", owned.formatted(uid)));
        world.create(
                Resources.CONFIG_MAPS,
                "default",
                "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'notes'%s}}".formatted(owned.formatted(uid)));
        world.settle();
        assertThat(world.exists(Resources.CONFIG_MAPS, "default", "notes")).isTrue();
        world.delete(works, "default", "top", "Background");
        world.settle();
        assertThat(world.exists(works, "default", "below")).isFalse();
        assertThat(world.exists(Resources.CONFIG_MAPS, "default", "notes")).isFalse();
    }

    @Test
    void oneOwnerIsEnoughToLive() {
        Revision one = map("one");
        Revision two = map("two");
        map("shared", one.object(), two.object());
        world.settle();
        world.delete(Resources.CONFIG_MAPS, "default", "one", "Background");
        world.settle();
        assertThat(world.get(Resources.CONFIG_MAPS, "shared").ownerReferences())
                .singleElement()
                .satisfies(o -> assertThat(o.uid()).isEqualTo(two.uid()));
    }

    @Test
    void aNamesakeIsNoOwner() {
        Revision top = map("top");
        world.delete(Resources.CONFIG_MAPS, "default", "top", "Background");
        map("top");
        map("child", top.object());
        world.settle();
        assertThat(world.exists(Resources.CONFIG_MAPS, "default", "child")).isFalse();
    }

    @Test
    void aCircleComesApart() {
        Revision a = map("a");
        Revision b = map("b", a.object());
        world.patch(
                Resources.CONFIG_MAPS,
                "default",
                "a",
                "{'metadata':{'ownerReferences':[{'apiVersion':'v1','kind':'ConfigMap','name':'b','uid':'" + b.uid()
                        + "','blockOwnerDeletion':true}]}}");
        world.settle();
        world.delete(Resources.CONFIG_MAPS, "default", "a", "Foreground");
        world.settle();
        assertThat(world.exists(Resources.CONFIG_MAPS, "default", "a")).isFalse();
        assertThat(world.exists(Resources.CONFIG_MAPS, "default", "b")).isFalse();
    }

    /** top owns middle owns the pod bottom; free is nobody's. */
    private void chain() {
        Revision top = map("top");
        Revision middle = map("middle", top.object());
        Unstructured pod = World.tree("{'apiVersion':'v1','kind':'Pod','metadata':{'name':'bottom'},'spec':{"
                + "'containers':[{'name':'c','image':'app'}]}}");
        own(pod, middle.object());
        world.create(Resources.PODS, "default", pod.toString());
        map("free");
        world.settle();
    }

    private Revision map(String name, Unstructured... owners) {
        Unstructured map = Unstructured.of("v1", "ConfigMap", "default", name);
        for (Unstructured owner : owners) {
            own(map, owner);
        }
        return world.create(Resources.CONFIG_MAPS, "default", map.toString());
    }

    private static void own(Unstructured object, Unstructured owner) {
        object.addOwner(new dev.coracle.machinery.object.OwnerReference(
                owner.apiVersion(), owner.kind(), owner.name(), owner.uid(), false, true));
    }
}

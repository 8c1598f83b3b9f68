package dev.coracle.controllers.resourcequota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Resources;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A quota says how much of it is used. */
class ResourceQuotaStoryTest {
    private World world;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        world.run(ResourceQuotaController::new);
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    private void quota(String name, String spec) {
        world.create(Resources.RESOURCE_QUOTAS, "default", """
                {'apiVersion':'v1','kind':'ResourceQuota','metadata':{'name':'%s'},'spec':%s}
                """.formatted(name, spec));
        world.settle();
    }

    private Map<String, String> used(String name) {
        return world.client()
                .get(Resources.RESOURCE_QUOTAS, "default", name)
                .object()
                .strings("status", "used");
    }

    private void pod(String name, String more, String resources) {
        world.create(Resources.PODS, "default", """
                {'apiVersion':'v1','kind':'Pod','metadata':{'name':'%s'},
                 'spec':{%s'containers':[{'name':'c','image':'i','resources':%s}]}}
                """.formatted(name, more, resources));
    }

    @Test
    void usageComesAndGoesWithTheObjects() {
        quota(
                "all",
                "{'hard':{'pods':'5','requests.cpu':'2','limits.memory':'1Gi','configmaps':'9','services.nodeports':'3',"
                        + "'count/deployments.apps':'4','requests.example.com/dongle':'2'}}");
        assertThat(used("all"))
                .containsEntry("pods", "0")
                .containsEntry("requests.cpu", "0")
                .containsEntry("count/deployments.apps", "0")
                .containsEntry("requests.example.com/dongle", "0");
        pod("a", "", "{'requests':{'cpu':'300m'},'limits':{'memory':'100Mi'}}");
        pod("b", "", "{'requests':{'cpu':'200m'},'limits':{'memory':'100Mi'}}");
        world.settle();
        assertThat(used("all"))
                .containsEntry("pods", "2")
                .containsEntry("requests.cpu", "500m")
                .containsEntry("limits.memory", "200Mi");
        world.delete(Resources.PODS, "default", "a", "Background");
        world.create(
                Resources.CONFIG_MAPS, "default", "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'m'}}");
        world.settle();
        assertThat(used("all"))
                .containsEntry("pods", "1")
                .containsEntry("requests.cpu", "200m")
                .containsEntry("configmaps", "1");
        assertThat(world.client()
                        .get(Resources.RESOURCE_QUOTAS, "default", "all")
                        .object()
                        .strings("status", "hard"))
                .containsEntry("pods", "5");
    }

    @Test
    void onlyPodsOfItsScopesCount() {
        world.create(
                Resources.PRIORITY_CLASSES,
                "",
                "{'apiVersion':'scheduling.k8s.io/v1','kind':'PriorityClass','metadata':{'name':'high'},'value':9}");
        quota("short", "{'hard':{'pods':'5'},'scopes':['Terminating']}");
        quota("effort", "{'hard':{'pods':'5'},'scopes':['NotBestEffort']}");
        quota(
                "high",
                "{'hard':{'pods':'5'},'scopeSelector':{'matchExpressions':[{'scopeName':'PriorityClass',"
                        + "'operator':'In','values':['high']}]}}");
        pod("a", "'activeDeadlineSeconds':60,", "{}");
        pod("b", "'priorityClassName':'high',", "{'requests':{'cpu':'1'}}");
        world.settle();
        assertThat(used("short")).containsEntry("pods", "1");
        assertThat(used("effort")).containsEntry("pods", "1");
        assertThat(used("high")).containsEntry("pods", "1");
    }
}

package dev.coracle.apiserver.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AdmissionChainTest {
    private final List<Revision> stored = new CopyOnWriteArrayList<>();
    private final AtomicInteger refused = new AtomicInteger();
    private final AdmissionChain chain = AdmissionChain.standard(
            new Objects() {
                @Override
                public List<Revision> list(GroupVersionResource r, String namespace) {
                    return stored.stream()
                            .filter(s -> s.resource().equals(r)
                                    && (namespace.isEmpty() || s.namespace().equals(namespace)))
                            .toList();
                }

                @Override
                public long version(GroupVersionResource r) {
                    return stored.size();
                }

                @Override
                public Optional<Revision> get(GroupVersionResource r, String namespace, String name) {
                    return list(r, namespace).stream()
                            .filter(s -> s.name().equals(name))
                            .findFirst();
                }
            },
            Kinds.NONE,
            environment());

    private static Environment environment() {
        return new dev.coracle.machinery.env.SystemEnvironment((n, e) -> {}).environment();
    }

    private void store(GroupVersionResource r, Unstructured o) {
        stored.add(new Revision(r, 1, o.json()));
    }

    private Unstructured create(Unstructured pod) {
        return chain.around(
                AdmissionRequest.creating(
                        pod.groupVersionKind(),
                        Resources.PODS,
                        "",
                        "dev",
                        pod.name(),
                        pod,
                        UserInfo.ADMIN,
                        false,
                        w -> {}),
                Write.of(() -> {
                    store(Resources.PODS, pod);
                    return pod;
                }));
    }

    private static Unstructured pod(String name) {
        return Unstructured.parse("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"" + name
                + "\",\"namespace\":\"dev\"},\"spec\":{\"containers\":[{\"name\":\"main\"}]}}");
    }

    private void namespace() {
        store(Resources.NAMESPACES, Unstructured.of("v1", "Namespace", "", "dev"));
        store(Resources.SERVICE_ACCOUNTS, Unstructured.of("v1", "ServiceAccount", "dev", "default"));
    }

    @Test
    void aPodGetsItsAccountTokenTolerationsAndPriority() {
        namespace();
        Unstructured pod = create(pod("a"));
        assertThat(pod.string("spec", "serviceAccountName")).isEqualTo("default");
        Unstructured volume = pod.objects("spec", "volumes").getFirst();
        assertThat(volume.string("name")).matches("kube-api-access-[a-z0-9]{5}");
        assertThat(pod.objects("spec", "containers")
                        .getFirst()
                        .objects("volumeMounts")
                        .getFirst()
                        .string("name"))
                .isEqualTo(volume.string("name"));
        assertThat(pod.objects("spec", "tolerations")).hasSize(2);
        assertThat(pod.integer(-1, "spec", "priority")).isZero();
    }

    @Test
    void nothingIsMadeWhereThereIsNoNamespace() {
        store(Resources.SERVICE_ACCOUNTS, Unstructured.of("v1", "ServiceAccount", "dev", "default"));
        assertThatThrownBy(() -> create(pod("a"))).hasMessage("namespaces \"dev\" not found");
        assertThat(stored).hasSize(1);
    }

    @Test
    void aQuotaHoldsHoweverManyTryAtOnce() throws InterruptedException {
        namespace();
        store(
                Resources.RESOURCE_QUOTAS,
                Unstructured.of("v1", "ResourceQuota", "dev", "dev-quota").set("20", "spec", "hard", "pods"));
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            String name = "p" + i;
            all.add(Thread.startVirtualThread(() -> {
                try {
                    create(pod(name));
                } catch (StatusException e) {
                    assertThat(e).hasMessageContaining("exceeded quota");
                    refused.incrementAndGet();
                }
            }));
        }
        for (Thread t : all) {
            t.join();
        }
        assertThat(refused).hasValue(40);
        assertThatThrownBy(() -> create(pod("late")))
                .hasMessage("pods \"late\" is forbidden: exceeded quota: dev-quota, requested: pods=1, used: pods=20,"
                        + " limited: pods=20");
    }

    @Test
    void aContainerUnderAComputeQuotaMustSayWhatItTakes() {
        namespace();
        store(
                Resources.RESOURCE_QUOTAS,
                Unstructured.of("v1", "ResourceQuota", "dev", "q")
                        .set("1", "spec", "hard", "requests.cpu")
                        .set("1Gi", "spec", "hard", "limits.memory"));
        assertThatThrownBy(() -> create(pod("a")))
                .hasMessage("pods \"a\" is forbidden: failed quota: q: must specify limits.memory for: main;"
                        + " requests.cpu for: main");
    }

    @Test
    void limitRangesFillInAndHoldBack() {
        namespace();
        store(
                new GroupVersionResource("", "v1", "limitranges"),
                Unstructured.parse("{\"metadata\":{\"name\":\"l\",\"namespace\":\"dev\"},\"spec\":{\"limits\":["
                        + "{\"type\":\"Container\",\"default\":{\"cpu\":\"1\"},\"defaultRequest\":{\"cpu\":\"100m\"},"
                        + "\"max\":{\"cpu\":\"2\"}}]}}"));
        Unstructured c = create(pod("a")).objects("spec", "containers").getFirst();
        assertThat(c.string("resources", "requests", "cpu")).isEqualTo("100m");
        assertThat(c.string("resources", "limits", "cpu")).isEqualTo("1");
        Unstructured big = pod("b");
        big.objects("spec", "containers").getFirst().set("3", "resources", "limits", "cpu");
        assertThatThrownBy(() -> create(big))
                .hasMessage("pods \"b\" is forbidden: maximum cpu usage per Container is 2, but limit is 3");
    }
}

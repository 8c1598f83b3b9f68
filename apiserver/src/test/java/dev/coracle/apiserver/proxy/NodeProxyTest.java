package dev.coracle.apiserver.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.object.Unstructured;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A node's name in a URL may carry a port, as pods' and Services' do. */
class NodeProxyTest {
    private final PodConnections connections =
            new PodConnections(name -> name.equals("n1") ? Optional.of(Unstructured.parse("""
                    {"metadata": {"name": "n1"},
                     "status": {"addresses": [{"type": "InternalIP", "address": "172.30.0.2"}],
                                "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}}}}""")) : Optional.empty());

    private Destination destination(String text) {
        return connections.node(ProxyTargets.Name.of("node", text), "/pods");
    }

    @ParameterizedTest
    @CsvSource({
        "n1,              KUBELET,    https://172.30.0.2:10250/pods",
        "n1:10250,        KUBELET,    https://172.30.0.2:10250/pods",
        "https:n1:10250,  KUBELET,    https://172.30.0.2:10250/pods",
        "https:n1:,       KUBELET,    https://172.30.0.2:10250/pods",
        "n1:9100,         PLAIN,      http://172.30.0.2:9100/pods",
        "http:n1:9100,    PLAIN,      http://172.30.0.2:9100/pods",
        "https:n1:9100,   UNVERIFIED, https://172.30.0.2:9100/pods"
    })
    void aPortIsTheKubeletsOrAnotherServers(String text, Destination.Security security, String url) {
        assertThat(destination(text).security()).isEqualTo(security);
        assertThat(destination(text).url()).isEqualTo(url);
    }

    @ParameterizedTest
    @CsvSource({
        "ftp:n1:21, 'invalid node request \"ftp:n1:21\"'",
        "a:n1:1:2,  'invalid node request \"a:n1:1:2\"'",
        ":10250,    'invalid node request \":10250\"'",
        "n1:99999,  'invalid port \"99999\"'",
        "n2:10250,  'nodes \"n2\" not found'"
    })
    void whatIsNoSuchNameIsRefused(String text, String why) {
        assertThatThrownBy(() -> destination(text)).hasMessage(why);
    }
}

package dev.coracle.apiserver.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What may be asked of a log, and which container is meant. */
class LogOptionsTest {
    private static Map<String, List<String>> query(String text) {
        Map<String, List<String>> q = new LinkedHashMap<>();
        for (String pair : text.split("&")) {
            q.computeIfAbsent(pair.split("=")[0], k -> new ArrayList<>())
                    .add(pair.contains("=") ? pair.substring(pair.indexOf('=') + 1) : "");
        }
        return q;
    }

    private static LogOptions parse(String text) {
        return LogOptions.of("web", new Query(query(text)));
    }

    @Test
    void theKubeletIsToldWhatIsSet() {
        assertThat(parse("follow=true&previous=false&timestamps=1&tailLines=0&limitBytes=9&sinceSeconds=5")
                        .query())
                .isEqualTo("?follow=true&timestamps=true&sinceSeconds=5&tailLines=0&limitBytes=9");
        assertThat(parse("sinceTime=2026-11-24T03:00:00%2B02:00".replace("%2B", "+"))
                        .query())
                .isEqualTo("?sinceTime=2026-11-24T01%3A00%3A00Z");
        assertThat(parse("x=y").query()).isEmpty();
    }

    @Test
    void whatMakesNoSenseIsRefusedByField() {
        assertThatThrownBy(() -> parse("tailLines=-1"))
                .hasMessage("PodLogOptions \"web\" is invalid: tailLines: Invalid value: -1: must be greater than or"
                        + " equal to 0");
        assertThatThrownBy(() -> parse("limitBytes=0"))
                .hasMessageContaining("limitBytes: Invalid value: 0: must be greater than 0");
        assertThatThrownBy(() -> parse("sinceSeconds=0")).hasMessageContaining("sinceSeconds: Invalid value: 0");
        assertThatThrownBy(() -> parse("sinceSeconds=1&sinceTime=2026-11-24T01:00:00Z"))
                .hasMessageContaining("at most one of `sinceTime` or `sinceSeconds` may be specified");
        assertThatThrownBy(() -> parse("tailLines=many")).hasMessageContaining("parsing \"many\": invalid syntax");
        assertThatThrownBy(() -> parse("sinceTime=yesterday")).hasMessageContaining("parsing time \"yesterday\"");
    }

    @Test
    void aContainerMustBeNamedWhereThereAreSeveral() {
        Unstructured pod = Unstructured.parse("{\"metadata\":{\"name\":\"web\",\"namespace\":\"default\"},\"spec\":{"
                + "\"nodeName\":\"n\",\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}],"
                + "\"initContainers\":[{\"name\":\"i\"}]}}");
        Unstructured node =
                Unstructured.parse("{\"status\":{\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"10.0.0.1\"}]}}");
        PodConnections connections = new PodConnections(n -> Optional.of(node));
        assertThatThrownBy(() -> connections.log(pod, Map.of()))
                .hasMessage("a container name must be specified for pod web, choose one of: [a b] or one of the init"
                        + " containers: [i]");
        assertThatThrownBy(() -> connections.log(pod, query("container=c")))
                .hasMessage("container c is not valid for pod web");
        assertThat(connections.log(pod, query("container=i")).orElseThrow().url())
                .isEqualTo("https://10.0.0.1:10250/containerLogs/default/web/i");
    }
}

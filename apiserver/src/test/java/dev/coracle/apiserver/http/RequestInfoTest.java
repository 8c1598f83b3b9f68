package dev.coracle.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.object.StatusException;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is authorized is what is asked for. */
class RequestInfoTest {
    private static RequestInfo of(String method, String uri) {
        QueryStringDecoder d = new QueryStringDecoder(uri);
        return RequestInfo.of(method, d.path(), d.parameters());
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "GET, /api/v1/pods, list pods",
                "GET, /api/v1/pods?watch=true, watch pods",
                "GET, /api/v1/pods?watch=0, list pods",
                "GET, /api/v1/pods?watch, watch pods",
                "GET, /api/v1/namespaces/shop/pods/web, get pods shop/web",
                "HEAD, /api/v1/namespaces/shop/pods/web, get pods shop/web",
                "GET, /api/v1/namespaces/shop/pods/web/log, get pods/log shop/web",
                "GET, /api/v1/namespaces/shop, get namespaces shop/shop",
                "GET, /api/v1/namespaces/shop/namespaces/bank, get namespaces shop/bank",
                "PUT, /api/v1/namespaces/shop/finalize, update namespaces/finalize shop/shop",
                "GET, /api/v1/namespaces/shop/status/x, get namespaces/status shop/shop",
                "POST, /apis/apps/v1/namespaces/shop/deployments, create apps/deployments shop",
                "DELETE, /apis/apps/v1/namespaces/shop/deployments, deletecollection apps/deployments shop",
                "DELETE, /apis/apps/v1/namespaces/shop/deployments/web, delete apps/deployments shop/web",
                "PATCH, /apis/apps/v1/namespaces/shop/deployments/web/scale, patch apps/deployments/scale shop/web",
                "GET, '/api/v1/secrets?fieldSelector=metadata.name%3Dkey', list secrets /key",
                "GET, '/api/v1/namespaces/shop/secrets?watch=1&fieldSelector=metadata.name%3Dkey,type%3Dx', watch secrets shop/key",
                "GET, '/api/v1/secrets?fieldSelector=metadata.name!%3Dkey', list secrets",
                "GET, /apis/apps/v1, get path",
                "OPTIONS, /healthz, options path"
            })
    void aPathAndAMethodSayWhatIsAskedFor(String method, String uri, String expected) {
        RequestInfo i = of(method, uri);
        String what = (i.group().isEmpty() ? "" : i.group() + "/")
                + i.resource()
                + (i.subresource().isEmpty() ? "" : "/" + i.subresource());
        String name = i.attributes().name();
        String where = i.namespace() + (name.isEmpty() ? "" : "/" + name);
        assertThat(i.isResource() ? (i.verb() + " " + what + " " + where).strip() : i.verb() + " path")
                .isEqualTo(expected);
    }

    private static String rest(String uri) {
        QueryStringDecoder d = new QueryStringDecoder(uri);
        RequestInfo info = RequestInfo.of("GET", d.path(), d.parameters());
        return Streams.rest(
                new Request("GET", uri, d.path(), d.parameters(), Map.of(), new byte[0], UserInfo.ADMIN, info));
    }

    @Test
    void aProxyCarriesOnWhatStandsBehindIt() {
        assertThat(rest("/api/v1/namespaces/d/pods/proxy-1/proxy/x/proxy/y?q=/proxy"))
                .isEqualTo("/x/proxy/y?q=/proxy");
        assertThat(rest("/api/v1/namespaces/proxy/services/proxy/proxy")).isEqualTo("/");
        assertThat(rest("/api/v1/namespaces/d/pods/web:8080/proxy/")).isEqualTo("/");
        assertThat(rest("/api/v1/nodes/n/proxy/a%20b?x=1%2F2")).isEqualTo("/a%20b?x=1%2F2");
        assertThat(rest("/api/v1/nodes/n/proxy/stats%2Fsummary?x=1")).isEqualTo("/stats/summary?x=1");
        assertThat(rest("/api/v1/nodes/n/proxy?x=1")).isEqualTo("/?x=1");
    }

    @Test
    void anEncodedSlashCannotMakeAnotherTarget() {
        Assertions.assertThatThrownBy(() -> rest("/api/v1/nodes%2Fn/proxy/healthz/proxy/x"))
                .isInstanceOf(StatusException.class);
    }
}

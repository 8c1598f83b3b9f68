package dev.coracle.apiserver.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HtmlLinksTest {
    private static final String PROXY = "/api/v1/namespaces/default/services/web/proxy";
    private static final ProxiedLinks LINKS = new ProxiedLinks(PROXY, "10.1.0.7:8080", "api.example:6443");

    private static final String PAGE = """
            <!DOCTYPE html>
            <!-- <a href="/comment"> -->
            <html><head><link rel=stylesheet href=/style.css><script src='/app.js?a=1&amp;b=2'>
              if (a < b) document.write('<a href="/script">');
            </script></head>
            <body data-href="/data"><A HREF = "/next#there" title="a > b">Grüße</A>
            <img src="logo.png"><form action="/send"><input value="/value"></form> 1 < 2 <
            <textarea><a href="/text"></textarea></body></html>
            """;

    private static String through(byte[] page, int step) {
        HtmlLinks links = new HtmlLinks(LINKS::of);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < page.length; i += step) {
            out.writeBytes(links.feed(Arrays.copyOfRange(page, i, Math.min(page.length, i + step))));
        }
        out.writeBytes(links.end());
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void onlyLinksChangeHoweverThePageIsCut() {
        String expected = PAGE.replace("href=/style.css", "href=\"" + PROXY + "/style.css\"")
                .replace("'/app.js?a=1&amp;b=2'", "\"" + PROXY + "/app.js?a=1&amp;b=2\"")
                .replace("\"/next#there\"", "\"" + PROXY + "/next#there\"")
                .replace("\"/send\"", "\"" + PROXY + "/send\"");
        byte[] page = PAGE.getBytes(StandardCharsets.UTF_8);
        for (int step = 1; step <= page.length; step++) {
            assertThat(through(page, step)).as("in pieces of " + step).isEqualTo(expected);
        }
    }

    @Test
    void aTagWithoutEndIsNotWaitedForForEver() {
        byte[] endless = ("<a href=\"" + "x".repeat(200_000)).getBytes(StandardCharsets.UTF_8);
        assertThat(through(endless, 1000)).isEqualTo(new String(endless, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource({
        "/a/b?c=d, /api/v1/namespaces/default/services/web/proxy/a/b?c=d",
        "a/b, a/b",
        "#here, #here",
        "//cdn.example/x, //cdn.example/x",
        "https://other.example/x, https://other.example/x",
        "http://10.1.0.7:8080/x, https://api.example:6443/api/v1/namespaces/default/services/web/proxy/x",
        "https://api.example:6443/x, https://api.example:6443/api/v1/namespaces/default/services/web/proxy/x",
        "/api/v1/namespaces/default/services/web/proxy/a, /api/v1/namespaces/default/services/web/proxy/a",
        "mailto:ann@example.org, mailto:ann@example.org",
        "not a url, not a url",
    })
    void aLinkToTheSameHostGoesThroughTheProxy(String link, String expected) {
        assertThat(LINKS.of(link)).isEqualTo(expected);
    }
}

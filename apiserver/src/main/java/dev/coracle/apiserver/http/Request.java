package dev.coracle.apiserver.http;

import dev.coracle.apiserver.authentication.UserInfo;
import java.util.List;
import java.util.Map;

/**
 * One request, its body whole. Header names are in lower case.
 *
 * @param uri path and query as they were sent
 */
record Request(
        String method,
        String uri,
        String path,
        Map<String, List<String>> query,
        Map<String, String> headers,
        byte[] body,
        UserInfo user,
        RequestInfo info) {

    String parameter(String name) {
        List<String> values = query.get(name);
        return values == null || values.isEmpty() ? "" : values.getFirst();
    }

    boolean flag(String name) {
        String v = parameter(name);
        return v.equals("true") || v.equals("1") || query.containsKey(name) && v.isEmpty();
    }

    String header(String name) {
        return headers.getOrDefault(name, "");
    }
}

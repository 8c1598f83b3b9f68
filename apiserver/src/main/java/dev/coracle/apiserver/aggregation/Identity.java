package dev.coracle.apiserver.aggregation;

import dev.coracle.apiserver.authentication.UserInfo;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/** Who asks, as headers that an extension server believes from the one who shows the right certificate. */
final class Identity {
    /** As whom this server itself asks, of whom every server thinks that it may. */
    static final UserInfo AGGREGATOR = new UserInfo("system:kube-aggregator", java.util.Set.of(UserInfo.MASTERS));

    private static final String TOKEN = "!#$&'*+-.^_`|~";

    private Identity() {}

    static HttpHeaders of(UserInfo user) {
        HttpHeaders headers = new DefaultHttpHeaders();
        headers.add("X-Remote-User", bytes(user.name()));
        if (!user.uid().isEmpty()) {
            headers.add("X-Remote-Uid", bytes(user.uid()));
        }
        user.groups().forEach(g -> headers.add("X-Remote-Group", bytes(g)));
        user.extra()
                .forEach((key, values) -> values.forEach(v -> headers.add("X-Remote-Extra-" + escaped(key), bytes(v))));
        return headers;
    }

    /** In UTF-8, as Go: nobody's name must become another's on the way. */
    private static AsciiString bytes(String text) {
        return new AsciiString(text.getBytes(StandardCharsets.UTF_8), false);
    }

    /** What no header's name can have is escaped, percent signs too. */
    private static String escaped(String key) {
        StringBuilder out = new StringBuilder();
        for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || TOKEN.indexOf(c) >= 0);
            out.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
        }
        return out.toString();
    }
}

package dev.coracle.apiserver.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/** What {@code /version} tells: which Kubernetes this is like, and which build it is. */
final class Version {
    private static final Properties BUILD = build();

    private Version() {}

    private static Properties build() {
        Properties p = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
            p.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return p;
    }

    static Map<String, Object> tree() {
        String commit = BUILD.getProperty("gitCommit");
        Map<String, Object> v = new LinkedHashMap<>();
        v.put("major", "1");
        v.put("minor", "36");
        v.put("emulationMajor", "1");
        v.put("emulationMinor", "36");
        v.put("minCompatibilityMajor", "1");
        v.put("minCompatibilityMinor", "35");
        v.put("gitVersion", "v1.36.0+coracle");
        v.put("gitCommit", commit);
        v.put("gitTreeState", commit.isEmpty() ? "archive" : "clean");
        v.put("buildDate", BUILD.getProperty("buildDate"));
        v.put("goVersion", "java" + Runtime.version().feature());
        v.put("compiler", "javac");
        v.put("platform", "linux/" + (System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64"));
        return v;
    }
}

package dev.coracle.schema.generator;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/** The messages of Kubernetes' protobuf files, from the comments that protoc left in the Java it made of them. */
final class ProtoSources {
    /** @param name {@code k8s.io.api.apps.v1.DeploymentSpec} */
    record Message(String name, Comment comment, Map<String, Field> fields) {
        String simpleName() {
            return name.substring(name.lastIndexOf('.') + 1);
        }

        String packageName() {
            return name.substring(0, name.lastIndexOf('.'));
        }
    }

    /** @param type {@code int32}, {@code .k8s.io.api.core.v1.PodSpec}, {@code map<string, bytes>}, without label */
    record Field(String name, String type, Comment comment, int number, boolean repeated) {}

    // "optional string name = 1;", as the accessors' comments quote it.
    private static final Pattern FIELD =
            Pattern.compile("<code>(?:(optional|repeated|required) )?(\\S.*) (\\w+) = (\\d+).*;</code>");
    private static final Pattern INTERFACE = Pattern.compile("interface_extends:([\\w.-]+)\\)");
    private static final Pattern MESSAGE = Pattern.compile("Protobuf type \\{@code ([\\w.-]+)}");
    private static final Pattern ENTITY = Pattern.compile("&#(\\d+);");

    private final Map<String, Message> messages = new LinkedHashMap<>();

    // The file that is being read.
    private @Nullable Map<String, Field> open;
    private List<String> comment = new ArrayList<>();
    private boolean inText;

    static Map<String, Message> read(ZipFile jar) throws IOException {
        ProtoSources sources = new ProtoSources();
        for (ZipEntry entry : jar.stream().toList()) {
            if (entry.getName().endsWith(".java")) {
                sources.read(jar, entry);
            }
        }
        return sources.messages;
    }

    private void read(ZipFile jar, ZipEntry entry) throws IOException {
        try (var in = new BufferedReader(new InputStreamReader(jar.getInputStream(entry), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                line(line.strip(), line);
            }
        }
    }

    private void line(String bare, String line) {
        if (bare.equals("/**")) {
            comment = new ArrayList<>();
        } else if (bare.equals("* <pre>")) {
            inText = true;
        } else if (bare.equals("* </pre>")) {
            inText = false;
        } else if (inText) {
            String text = line.substring(line.indexOf('*') + 1);
            comment.add(unescape(text.startsWith(" ") ? text.substring(1) : text));
        } else if (bare.startsWith("* <code>") && open != null) {
            Matcher m = FIELD.matcher(unescape(bare));
            if (m.find()) {
                open.putIfAbsent(
                        m.group(3),
                        new Field(
                                m.group(3),
                                m.group(2),
                                new Comment(comment),
                                Integer.parseInt(m.group(4)),
                                "repeated".equals(m.group(1))));
            }
        } else if (bare.startsWith("// @@protoc_insertion_point(interface_extends:")) {
            Matcher m = INTERFACE.matcher(bare);
            if (m.find()) {
                open = new LinkedHashMap<>();
                messages.put(m.group(1), new Message(m.group(1), Comment.NONE, open));
            }
        } else if (bare.startsWith("* Protobuf type {@code")) {
            // Here the fields' accessors begin again, now with bodies.
            open = null;
            Matcher m = MESSAGE.matcher(bare);
            if (m.find()) {
                Comment c = new Comment(comment);
                messages.computeIfPresent(
                        m.group(1), (name, is) -> is.comment == Comment.NONE ? new Message(name, c, is.fields) : is);
            }
        }
    }

    private static String unescape(String html) {
        String text = ENTITY.matcher(html)
                .replaceAll(r -> Matcher.quoteReplacement(Character.toString(Integer.parseInt(r.group(1)))));
        return text.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&amp;", "&");
    }
}

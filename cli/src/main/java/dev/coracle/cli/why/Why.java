package dev.coracle.cli.why;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What was found.
 *
 * @param findings none where all is well
 * @param unread what could not be looked at, so that nothing is said about it
 */
public record Why(List<Finding> findings, List<String> unread) {
    /** Why this object does not do what it should. */
    public static Why of(View view, Unstructured object) {
        Optional<Finding> found = new Walk().first(view, object);
        return new Why(found.stream().toList(), view.unread());
    }

    /** What does not work in a namespace, or with {@code ""} anywhere. */
    public static Why everything(View view, String namespace) {
        if (!namespace.isEmpty() && view.missing(Resources.NAMESPACES, "", namespace)) {
            return new Why(List.of(nowhere(namespace)), view.unread());
        }
        List<Finding> found = new Walk().all(view, namespace);
        return new Why(found, view.unread());
    }

    private static Finding nowhere(String namespace) {
        Subject subject = new Subject("Namespace", "", namespace);
        return new Finding(
                        subject,
                        "NamespaceNotFound",
                        "There is no namespace of that name, and so nothing in it.",
                        List.of("Namespace " + namespace + ": not found"),
                        "kubectl get namespaces  # or create it")
                .from(subject);
    }

    /** {@code {"healthy": false, "findings": […], "unread": […]}}. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("healthy", findings.isEmpty());
        json.put("findings", findings.stream().map(Finding::json).toList());
        json.put("unread", unread);
        return json;
    }

    /** For people. */
    public String text(String asked) {
        StringBuilder out = new StringBuilder();
        for (Finding f : findings) {
            out.append(f.way().stream().map(Subject::path).collect(Collectors.joining(" → ")));
            String namespace = f.about().namespace();
            out.append(namespace.isEmpty() ? "" : " in " + namespace).append('\n');
            out.append("  ").append(f.cause()).append('\n');
            f.evidence().forEach(e -> out.append("    ").append(e).append('\n'));
            out.append("  To mend it: ").append(f.remedy()).append("\n\n");
        }
        if (findings.isEmpty()) {
            out.append("Nothing is wrong with ").append(asked);
            out.append(unread.isEmpty() ? ".\n" : ", as far as it could be looked at.\n");
        }
        if (!unread.isEmpty()) {
            out.append("Not looked at, for want of rights or an answer:\n");
            unread.forEach(u -> out.append("  ").append(u).append('\n'));
        }
        return out.toString().stripTrailing() + "\n";
    }
}

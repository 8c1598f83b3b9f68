package dev.coracle.machinery.patch;

import dev.coracle.machinery.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** RFC 7386. */
public final class MergePatch {
    private MergePatch() {}

    /** A new tree; neither argument is changed. */
    @SuppressWarnings("unchecked")
    public static @Nullable Object apply(@Nullable Object target, @Nullable Object patch) {
        if (!(patch instanceof Map<?, ?> changes)) {
            return Json.copyOrNull(patch);
        }
        Map<String, @Nullable Object> result = target instanceof Map<?, ?> t
                ? new LinkedHashMap<>((Map<String, @Nullable Object>) t)
                : new LinkedHashMap<>();
        changes.forEach((k, v) -> {
            String key = (String) k;
            if (v == null) {
                result.remove(key);
            } else {
                result.put(key, apply(result.get(key), v));
            }
        });
        return result;
    }
}

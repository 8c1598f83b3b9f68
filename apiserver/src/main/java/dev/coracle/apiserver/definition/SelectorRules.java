package dev.coracle.apiserver.definition;

import dev.coracle.machinery.selector.LabelSelector;
import java.util.List;

/** What may stand in a label selector of a request. */
public final class SelectorRules {
    private SelectorRules() {}

    /** @throws IllegalArgumentException for keys and values that no label can have, in upstream's words */
    public static void check(LabelSelector selector) {
        selector.forEach((key, values) -> {
            refuse("<nil>", key, Names.qualified(key));
            int i = 0;
            for (String value : values) {
                refuse("values[" + i++ + "][" + key + "]", value, Names.labelValue(value));
            }
        });
    }

    private static void refuse(String path, String value, List<String> errors) {
        if (!errors.isEmpty()) {
            throw new IllegalArgumentException("unable to parse requirement: " + path + ": Invalid value: \"" + value
                    + "\": " + String.join("; ", errors));
        }
    }
}

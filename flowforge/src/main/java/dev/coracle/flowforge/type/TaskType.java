package dev.coracle.flowforge.type;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One kind of task.
 *
 * @param fields what a payload may hold; none at all where anything goes
 * @param open whether fields beyond these are let through
 * @param example a payload to try
 */
public record TaskType(
        String name, String purpose, List<Field> fields, boolean open, Map<String, Object> example, Work work) {

    /** @throws BadField when no worker could do anything with it */
    public void check(Map<?, ?> payload) {
        for (Field field : fields) {
            Object value = payload.get(field.name());
            if (value == null) {
                if (field.required()) {
                    throw new BadField("payload." + field.name(), "required, " + field.says());
                }
                continue;
            }
            String problem = field.problem().apply(value);
            if (problem != null) {
                throw new BadField("payload." + field.name(), problem);
            }
        }
        if (open) {
            return;
        }
        List<String> known = fields.stream().map(Field::name).toList();
        for (Object name : payload.keySet()) {
            if (!known.contains(String.valueOf(name))) {
                throw new BadField(
                        "payload." + name,
                        "unknown; a task of type " + this.name + " takes " + String.join(", ", known));
            }
        }
    }

    /** As {@code /api} shows it. */
    public Map<String, Object> json() {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("type", name);
        m.put("purpose", purpose);
        m.put("payload", open ? "anything" : fields.stream().map(Field::json).toList());
        m.put("example", example);
        return m;
    }
}

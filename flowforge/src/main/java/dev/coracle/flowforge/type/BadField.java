package dev.coracle.flowforge.type;

/** A request that names something wrong, and where: {@code payload.text: required, a string}. */
public final class BadField extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final String field;

    /** @param field the path from the body's top, as in {@code payload.url} */
    public BadField(String field, String problem) {
        super(field + ": " + problem);
        this.field = field;
    }

    public String field() {
        return field;
    }
}

package dev.coracle.kubelet.probe;

/** The three questions, by the field that holds them and the word that events use. */
public enum ProbeKind {
    STARTUP("startupProbe", "Startup"),
    LIVENESS("livenessProbe", "Liveness"),
    READINESS("readinessProbe", "Readiness");

    private final String field;
    private final String title;

    ProbeKind(String field, String title) {
        this.field = field;
        this.title = title;
    }

    public String field() {
        return field;
    }

    public String title() {
        return title;
    }
}

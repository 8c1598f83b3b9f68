package dev.coracle.controllers.externalsecrets;

import java.util.List;

/** What a store says, made fit for events: one line, not long, and without the credentials it was asked with. */
final class Telling {
    private static final int MOST = 300;

    private Telling() {}

    static String safe(String said, List<String> credentials) {
        String text = said.lines().findFirst().orElse("");
        for (String c : credentials) {
            if (!c.isEmpty()) {
                text = text.replace(c, "[redacted]");
            }
        }
        text = text.replaceAll("\\p{Cntrl}", " ");
        return text.length() <= MOST ? text : text.substring(0, MOST) + "…";
    }
}

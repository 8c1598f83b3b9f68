package dev.coracle.controllers.cronjob;

/** An event to be told of the CronJob. */
record Note(String type, String reason, String message) {
    static Note normal(String reason, String message) {
        return new Note("Normal", reason, message);
    }

    static Note warning(String reason, String message) {
        return new Note("Warning", reason, message);
    }
}

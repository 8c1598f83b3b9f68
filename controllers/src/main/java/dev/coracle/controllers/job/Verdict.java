package dev.coracle.controllers.job;

import dev.coracle.machinery.object.Unstructured;

/** That a Job has failed or is complete, though its pods may still be ending: in words, as its conditions say it. */
record Verdict(boolean success, String reason, String message) {
    static Verdict failure(String reason, String message) {
        return new Verdict(false, reason, message);
    }

    static Verdict of(boolean success, Unstructured condition) {
        return new Verdict(success, condition.string("reason"), condition.string("message"));
    }

    /** The condition while pods are still ending. */
    String interim() {
        return success ? "SuccessCriteriaMet" : "FailureTarget";
    }

    /** The condition when all is over. */
    String terminal() {
        return success ? "Complete" : "Failed";
    }
}

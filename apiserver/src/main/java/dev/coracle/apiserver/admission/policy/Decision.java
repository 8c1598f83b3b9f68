package dev.coracle.apiserver.admission.policy;

/**
 * That a request breaks a policy.
 *
 * @param reason as a {@code Status} has it
 */
record Decision(String message, String reason) {
    int code() {
        return switch (reason) {
            case "Forbidden" -> 403;
            case "Unauthorized" -> 401;
            case "RequestEntityTooLarge" -> 413;
            default -> 422;
        };
    }
}

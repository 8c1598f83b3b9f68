package dev.coracle.apiserver.admission.webhook;

/** What upstream's client makes of a status code that is none of success. */
final class GoWords {
    private GoWords() {}

    static String ofCode(int code, String body) {
        return switch (code) {
            case 400 -> "the server rejected our request for an unknown reason";
            case 401 -> "the server has asked for the client to provide credentials";
            case 403 -> body.isBlank() ? "unknown" : body.strip();
            case 404 -> "the server could not find the requested resource";
            case 405 -> "the server does not allow this method on the requested resource";
            case 409 -> "the server reported a conflict";
            case 410 -> "the server has indicated the requested resource is no longer available";
            case 413 -> "Request entity too large: limit is 3145728";
            case 422 -> "the server rejected our request due to an error in our request";
            case 429 -> "the server has received too many requests and has asked us to try again later";
            case 503 -> "the server is currently unable to handle the request";
            case 504 ->
                "the server was unable to return a response in the time allotted, but may still be processing the"
                        + " request";
            default ->
                code >= 500
                        ? "an error on the server (" + quoted(body) + ") has prevented the request from succeeding"
                        : "the server responded with the status code " + code + " but did not return more information";
        };
    }

    private static String quoted(String body) {
        String text = body.isBlank() ? "unknown" : body.strip();
        text = text.length() > 1024 ? text.substring(0, 1024) : text;
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }
}

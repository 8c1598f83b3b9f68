package dev.coracle.apiserver.admission.webhook;

/** A webhook that could not be asked, or gave no answer that makes sense: its {@code failurePolicy} says what follows. */
final class CallFailure extends Exception {
    CallFailure(String why) {
        super(why);
    }

    CallFailure(String why, Throwable cause) {
        super(why, cause);
    }

    /** Go's words for what went wrong at {@code webhook}. */
    String of(Webhook webhook) {
        return "failed calling webhook \"" + webhook.name() + "\": " + getMessage();
    }
}

package dev.coracle.controllers.sealedsecrets;

/** A SealedSecret does not open. The message names keys, never values. */
final class UnsealException extends Exception {
    UnsealException(String message) {
        super(message);
    }
}

package dev.coracle.controllers.externalsecrets;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/** Names by Go's regular expressions, which take linear time whatever somebody writes. */
final class Matching {
    private Matching() {}

    static Pattern of(String regexp) throws ProviderException {
        try {
            return Pattern.compile(regexp);
        } catch (PatternSyntaxException e) {
            throw ProviderException.configuration(
                    "error parsing regexp: " + e.getDescription() + ": `" + e.getPattern() + "`");
        }
    }
}

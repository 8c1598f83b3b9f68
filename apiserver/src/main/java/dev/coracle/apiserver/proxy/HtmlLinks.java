package dev.coracle.apiserver.proxy;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rewrites the links of a page on its way through, and nothing else of it: as many bytes are kept as the longest tag may have.
 * Which attributes hold links is as in upstream's proxy transport ({@code k8s.io/apimachinery/pkg/util/proxy}).
 */
final class HtmlLinks {
    private static final int LONGEST_TAG = 64 << 10;

    private static final Map<String, Set<String>> ATTRIBUTES = Map.ofEntries(
            Map.entry("a", Set.of("href")),
            Map.entry("applet", Set.of("codebase")),
            Map.entry("area", Set.of("href")),
            Map.entry("audio", Set.of("src")),
            Map.entry("base", Set.of("href")),
            Map.entry("blockquote", Set.of("cite")),
            Map.entry("body", Set.of("background")),
            Map.entry("button", Set.of("formaction")),
            Map.entry("command", Set.of("icon")),
            Map.entry("del", Set.of("cite")),
            Map.entry("embed", Set.of("src")),
            Map.entry("form", Set.of("action")),
            Map.entry("frame", Set.of("longdesc", "src")),
            Map.entry("head", Set.of("profile")),
            Map.entry("html", Set.of("manifest")),
            Map.entry("iframe", Set.of("longdesc", "src")),
            Map.entry("img", Set.of("longdesc", "src", "usemap")),
            Map.entry("input", Set.of("src", "usemap", "formaction")),
            Map.entry("ins", Set.of("cite")),
            Map.entry("link", Set.of("href")),
            Map.entry("object", Set.of("classid", "codebase", "data", "usemap")),
            Map.entry("q", Set.of("cite")),
            Map.entry("script", Set.of("src")),
            Map.entry("source", Set.of("src")),
            Map.entry("track", Set.of("src")),
            Map.entry("video", Set.of("poster", "src")));

    /** Elements whose text is not looked into. */
    private static final Set<String> RAW = Set.of("script", "style", "textarea", "title", "xmp", "noscript");

    private static final Pattern NAME = Pattern.compile("<([A-Za-z][A-Za-z0-9]*)");
    private static final Pattern ATTRIBUTE =
            Pattern.compile("(\\s[A-Za-z-]+)(\\s*=\\s*)(?:\"([^\"]*)\"|'([^']*)'|([^\\s\"'>]+))");

    private final UnaryOperator<String> rewrite;
    /** Each character is a byte, whatever the page's encoding: markup is the same in all that matter. */
    private final StringBuilder left = new StringBuilder();
    /** Where the text ends that is not looked into; empty outside of such text. */
    private String until = "";

    HtmlLinks(UnaryOperator<String> rewrite) {
        this.rewrite = rewrite;
    }

    byte[] feed(byte[] piece) {
        left.append(new String(piece, StandardCharsets.ISO_8859_1));
        StringBuilder out = new StringBuilder(left.length() + 256);
        int at = 0;
        while (at < left.length()) {
            int next = until.isEmpty() ? markup(at, out) : skip(at, out);
            if (next < 0) {
                break;
            }
            at = next;
        }
        left.delete(0, at);
        return out.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** What is left when there is no more. */
    byte[] end() {
        byte[] rest = left.toString().getBytes(StandardCharsets.ISO_8859_1);
        left.setLength(0);
        return rest;
    }

    /** @return where to go on; -1 when more must come first */
    private int skip(int at, StringBuilder out) {
        int end = left.toString().toLowerCase(Locale.ROOT).indexOf(until, at);
        if (end >= 0) {
            until = "";
            out.append(left, at, end + 1);
            return end + 1;
        }
        // The end's own beginning may be here.
        int sure = Math.max(at, left.length() - 16);
        out.append(left, at, sure);
        return sure > at ? sure : -1;
    }

    private int markup(int at, StringBuilder out) {
        int open = left.indexOf("<", at);
        if (open < 0) {
            out.append(left, at, left.length());
            return left.length();
        }
        out.append(left, at, open);
        if (left.length() - open < 4) {
            return consumed(open, at);
        }
        if (left.indexOf("<!--", open) == open) {
            until = "-->";
            out.append("<!--");
            return open + 4;
        }
        Matcher name = NAME.matcher(left).region(open, left.length());
        if (!name.lookingAt()) {
            out.append('<');
            return open + 1;
        }
        int close = close(open);
        if (close < 0) {
            if (left.length() - open > LONGEST_TAG) {
                out.append('<');
                return open + 1;
            }
            return consumed(open, at);
        }
        String element = name.group(1).toLowerCase(Locale.ROOT);
        String tag = left.substring(open, close + 1);
        out.append(ATTRIBUTES.containsKey(element) ? rewritten(tag, ATTRIBUTES.get(element)) : tag);
        if (RAW.contains(element) && !tag.endsWith("/>")) {
            until = "</" + element;
        }
        return close + 1;
    }

    /** What stood before the tag is written and must not be again. */
    private int consumed(int open, int at) {
        if (open > at) {
            left.delete(at, open);
        }
        return -1;
    }

    /** The tag's end, outside of quotes. */
    private int close(int open) {
        char quote = 0;
        for (int i = open; i < left.length(); i++) {
            char c = left.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '>') {
                return i;
            }
        }
        return -1;
    }

    private String rewritten(String tag, Set<String> links) {
        return ATTRIBUTE.matcher(tag).replaceAll(m -> {
            if (!links.contains(m.group(1).strip().toLowerCase(Locale.ROOT))) {
                return Matcher.quoteReplacement(m.group());
            }
            String value = m.group(3) != null ? m.group(3) : m.group(4) != null ? m.group(4) : m.group(5);
            String url = rewrite.apply(value.replace("&amp;", "&"))
                    .replace("&", "&amp;")
                    .replace("\"", "&#34;");
            return Matcher.quoteReplacement(m.group(1) + m.group(2) + "\"" + url + "\"");
        });
    }
}

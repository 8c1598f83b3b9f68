package dev.coracle.cli.kubectl.base;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Flags as {@code spf13/pflag} reads them, which kubectl is built on: anywhere among the arguments, {@code --name=value},
 * {@code --name value}, {@code -n value}, {@code -nvalue}, {@code -n=value}, switches in clusters ({@code -it}), and
 * {@code --} before what is no flag.
 *
 * <p>A flag is declared by one word: {@code output,o} takes a value; {@code watch,w!} is a switch; {@code filename,f*}
 * may be repeated; {@code cascade?background} may stand alone and then means {@code background}; {@code replicas#} is
 * a whole number and {@code timeout~} a duration. A value that is none is refused before anything is done.
 */
public final class Flags {
    private enum Kind {
        VALUE,
        SWITCH,
        REPEATED,
        OPTIONAL,
        NUMBER,
        DURATION
    }

    /** @param letter {@code ""} for none */
    private record Flag(String name, String letter, Kind kind, String bare) {
        void check(String value) {
            String wrong = switch (kind) {
                case SWITCH -> BOOLEANS.contains(value) ? "" : syntax("ParseBool", value);
                case NUMBER -> value.matches("[+-]?[0-9]{1,18}") ? "" : syntax("ParseInt", value);
                case DURATION -> Durations.wrong(value);
                default -> "";
            };
            if (!wrong.isEmpty()) {
                String title = letter.isEmpty() ? "--" + name : "-" + letter + ", --" + name;
                throw new Failure("invalid argument \"" + value + "\" for \"" + title + "\" flag: " + wrong);
            }
        }

        private static String syntax(String function, String value) {
            return "strconv." + function + ": parsing \"" + value + "\": invalid syntax";
        }
    }

    /** As Go's {@code strconv.ParseBool} reads them, the true ones first. */
    private static final List<String> BOOLEANS =
            List.of("true", "1", "t", "T", "TRUE", "True", "false", "0", "f", "F", "FALSE", "False");

    private final Map<String, Flag> byName = new LinkedHashMap<>();
    private final Map<Character, Flag> byLetter = new LinkedHashMap<>();

    private Flags() {}

    public static Flags of(String... declarations) {
        Flags flags = new Flags();
        for (String d : declarations) {
            flags.declare(d);
        }
        return flags;
    }

    /** These, and those. */
    public Flags and(String... declarations) {
        for (String d : declarations) {
            declare(d);
        }
        return this;
    }

    private void declare(String declaration) {
        int question = declaration.indexOf('?');
        String bare = question < 0 ? "" : declaration.substring(question + 1);
        String head = question < 0 ? declaration : declaration.substring(0, question);
        Kind kind = question >= 0
                ? Kind.OPTIONAL
                : switch (head.charAt(head.length() - 1)) {
                    case '!' -> Kind.SWITCH;
                    case '*' -> Kind.REPEATED;
                    case '#' -> Kind.NUMBER;
                    case '~' -> Kind.DURATION;
                    default -> Kind.VALUE;
                };
        String[] names = head.replaceAll("[!*#~]$", "").split(",");
        String letter = names.length > 1 ? names[1] : "";
        Flag flag = new Flag(names[0], letter, kind, kind == Kind.SWITCH ? "true" : bare);
        byName.put(names[0], flag);
        if (!letter.isEmpty()) {
            byLetter.put(letter.charAt(0), flag);
        }
    }

    /**
     * A flag as others see it.
     *
     * @param letter {@code ""} for none
     * @param valued whether its value may be the next word
     */
    public record Option(String name, String letter, boolean valued) {}

    public boolean has(String name) {
        return byName.containsKey(name);
    }

    public List<Option> options() {
        return byName.values().stream()
                .sorted(Comparator.comparing(Flag::name))
                .map(f -> new Option(f.name(), f.letter(), f.kind() != Kind.SWITCH && f.kind() != Kind.OPTIONAL))
                .toList();
    }

    /** One for each flag, as it is written, and what it means to the verb: {@code -l, --selector=VALUE}. */
    public List<String> lines(String verb) {
        return byName.values().stream()
                .sorted(Comparator.comparing(Flag::name))
                .map(f -> "%-32s %s"
                                .formatted(
                                        written(f), Meanings.of(verb, f.name()).orElse(""))
                                .stripTrailing()
                        + (f.kind() == Kind.REPEATED ? " (may be given more than once)" : ""))
                .toList();
    }

    private static String written(Flag f) {
        return (f.letter().isEmpty() ? "    " : "-" + f.letter() + ", ") + "--" + f.name()
                + switch (f.kind()) {
                    case VALUE, REPEATED -> "=VALUE";
                    case SWITCH -> "";
                    case NUMBER -> "=NUMBER";
                    case DURATION -> "=DURATION";
                    case OPTIONAL -> "[=" + f.bare() + "]";
                };
    }

    /** Of the flags, those given, and the arguments. {@code afterDash} counts the arguments before {@code --}, or is -1. */
    public static final class Line {
        private final Map<String, List<String>> values = new LinkedHashMap<>();
        private final List<String> arguments = new ArrayList<>();
        private int dash = -1;

        public List<String> arguments() {
            return arguments;
        }

        /** How many arguments stood before {@code --}; -1 where there was none. */
        public int dash() {
            return dash;
        }

        public boolean has(String flag) {
            return values.containsKey(flag);
        }

        /** The last value given, or {@code fallback}. */
        public String get(String flag, String fallback) {
            List<String> v = values.get(flag);
            return v == null ? fallback : v.getLast();
        }

        public String get(String flag) {
            return get(flag, "");
        }

        public List<String> all(String flag) {
            return values.getOrDefault(flag, List.of());
        }

        public boolean on(String flag) {
            return on(flag, false);
        }

        public boolean on(String flag, boolean fallback) {
            String v = get(flag, "" + fallback);
            return BOOLEANS.indexOf(v) < BOOLEANS.size() / 2;
        }

        public long number(String flag, long fallback) {
            return Long.parseLong(get(flag, "" + fallback));
        }
    }

    public Line parse(List<String> words) {
        Line line = new Line();
        for (Iterator<String> i = words.iterator(); i.hasNext(); ) {
            String word = i.next();
            if (word.equals("--")) {
                line.dash = line.arguments.size();
                i.forEachRemaining(line.arguments::add);
            } else if (word.startsWith("--")) {
                longFlag(word, i, line);
            } else if (word.startsWith("-") && word.length() > 1) {
                letters(word, i, line);
            } else {
                line.arguments.add(word);
            }
        }
        return line;
    }

    private void longFlag(String word, Iterator<String> rest, Line line) {
        int equals = word.indexOf('=');
        String name = equals < 0 ? word.substring(2) : word.substring(2, equals);
        Flag flag = byName.get(name);
        if (flag == null) {
            throw new Failure("unknown flag: --" + name);
        }
        if (equals >= 0) {
            put(line, flag, word.substring(equals + 1));
        } else if (flag.kind() == Kind.SWITCH || flag.kind() == Kind.OPTIONAL) {
            put(line, flag, flag.bare());
        } else if (rest.hasNext()) {
            put(line, flag, rest.next());
        } else {
            throw new Failure("flag needs an argument: --" + name);
        }
    }

    private void letters(String word, Iterator<String> rest, Line line) {
        for (int at = 1; at < word.length(); at++) {
            char letter = word.charAt(at);
            Flag flag = byLetter.get(letter);
            if (flag == null) {
                throw new Failure("unknown shorthand flag: '" + letter + "' in " + word);
            }
            String tail = word.substring(at + 1);
            if (tail.startsWith("=")) {
                put(line, flag, tail.substring(1));
                return;
            }
            if (flag.kind() == Kind.SWITCH || flag.kind() == Kind.OPTIONAL) {
                put(line, flag, flag.bare());
                continue;
            }
            if (!tail.isEmpty()) {
                put(line, flag, tail);
            } else if (rest.hasNext()) {
                put(line, flag, rest.next());
            } else {
                throw new Failure("flag needs an argument: '" + letter + "' in " + word);
            }
            return;
        }
    }

    private static void put(Line line, Flag flag, String value) {
        flag.check(value);
        List<String> values = line.values.computeIfAbsent(flag.name(), n -> new ArrayList<>());
        if (flag.kind() != Kind.REPEATED) {
            values.clear();
        }
        values.add(value);
    }
}

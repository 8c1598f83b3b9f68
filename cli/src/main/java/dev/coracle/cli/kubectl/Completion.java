package dev.coracle.cli.kubectl;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Meanings;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** {@code kubectl completion}: a script that has a shell complete verbs, their commands and their options. */
final class Completion implements Verb {
    static final List<String> SHELLS = List.of("bash", "fish", "zsh");

    /** The words so far, and what may follow: {@code create secret} has {@code generic}, {@code tls}. */
    private record Node(TreeSet<String> words, List<Flags.Option> options) {}

    private final Flags global;

    /** @param global what every verb takes */
    Completion(Flags global) {
        this.global = global;
    }

    @Override
    public Flags flags() {
        return Flags.of();
    }

    @Override
    public int run(Session session, Flags.Line line) {
        if (line.arguments().isEmpty()) {
            throw wrong("Shell not specified.");
        }
        if (line.arguments().size() > 1) {
            throw wrong("Too many arguments. Expected only the shell type.");
        }
        String shell = line.arguments().getFirst();
        session.out()
                .print(
                        switch (shell) {
                            case "bash" -> bash();
                            case "zsh" ->
                                "#compdef kubectl\nautoload -Uz compinit bashcompinit\ncompinit\nbashcompinit\n"
                                        + bash();
                            case "fish" -> fish();
                            default -> throw wrong("Unsupported shell type \"" + shell + "\".");
                        });
        return 0;
    }

    private static Failure wrong(String message) {
        return new Failure(message + "\nSee 'kubectl completion -h' for help and examples");
    }

    private Map<String, Node> nodes() {
        Map<String, Node> nodes = new TreeMap<>();
        nodes.put("", new Node(new TreeSet<>(Verbs.names()), List.of()));
        for (String verb : Verbs.names()) {
            nodes.put(
                    verb, new Node(new TreeSet<>(), Verbs.flags(verb, List.of()).options()));
            for (String command : Verbs.commands(verb)) {
                String at = verb;
                for (String word : command.split(" ")) {
                    nodes.computeIfAbsent(at, a -> new Node(new TreeSet<>(), List.of()))
                            .words()
                            .add(word);
                    at += " " + word;
                }
                List<String> words = List.of(command.split(" "));
                nodes.put(at, new Node(new TreeSet<>(), Verbs.flags(verb, words).options()));
            }
        }
        return nodes;
    }

    private String bash() {
        StringBuilder cases = new StringBuilder();
        nodes().forEach((path, node) -> cases.append("        '")
                .append(path)
                .append("') words='")
                .append(String.join(" ", node.words()))
                .append("' options='")
                .append(written(node.options()))
                .append("' ;;\n"));
        return BASH.replace("CASES", cases.toString().stripTrailing())
                .replace("GLOBAL", written(global.options()))
                .replace("VALUED", String.join("|", valued()));
    }

    private static String written(List<Flags.Option> options) {
        return String.join(" ", options.stream().map(o -> "--" + o.name()).toList());
    }

    /** Options before the verb whose value is the next word. */
    private List<String> valued() {
        return global.options().stream()
                .filter(Flags.Option::valued)
                .flatMap(o -> o.letter().isEmpty()
                        ? java.util.stream.Stream.of("--" + o.name())
                        : java.util.stream.Stream.of("--" + o.name(), "-" + o.letter()))
                .toList();
    }

    /** Walks the words to the node they lead to, then offers what follows there. */
    private static final String BASH = """
            # Completes the words of Coracle's own kubectl: source it.
            _coracle_kubectl_node() {
                words='' options=''
                case "$1" in
            CASES
                esac
            }

            _coracle_kubectl() {
                local current="${COMP_WORDS[COMP_CWORD]}" path='' words options word i=1 begin=1 skip='' leaf=''
                COMPREPLY=()
                if [[ "${COMP_WORDS[0]##*/}" == coracle ]]; then
                    [[ "${COMP_WORDS[1]}" == kubectl && $COMP_CWORD -gt 1 ]] || return 0
                    begin=2
                fi
                _coracle_kubectl_node ''
                for ((i = begin; i < COMP_CWORD; i++)); do
                    word="${COMP_WORDS[i]}"
                    if [[ -n "$skip" ]]; then
                        skip=''
                        continue
                    fi
                    case "$word" in
                        --) return 0 ;;
                        VALUED) skip=yes ;;
                        -*) ;;
                        *)
                            if [[ -z "$leaf" && " $words " == *" $word "* ]]; then
                                path="${path:+$path }$word"
                                _coracle_kubectl_node "$path"
                            else
                                leaf=yes
                            fi
                            ;;
                    esac
                done
                [[ -z "$skip" ]] || return 0
                if [[ "$current" == -* ]]; then
                    COMPREPLY=($(compgen -W "$options GLOBAL" -- "$current"))
                elif [[ -z "$leaf" ]]; then
                    COMPREPLY=($(compgen -W "$words" -- "$current"))
                fi
            }

            complete -o default -F _coracle_kubectl kubectl coracle
            """;

    private String fish() {
        StringBuilder text = new StringBuilder("# Completes the words of Coracle's own kubectl: source it.\n");
        global.options().forEach(o -> text.append(fish("", "", o)));
        for (String verb : Verbs.names()) {
            text.append("complete -c kubectl -f -n __fish_use_subcommand -a ")
                    .append(verb)
                    .append(" -d '")
                    .append(quoted(Verbs.purpose(verb)))
                    .append("'\n");
            String seen = " -n '__fish_seen_subcommand_from " + verb + "'";
            for (String command : Verbs.commands(verb)) {
                text.append("complete -c kubectl -f")
                        .append(seen)
                        .append(" -a '")
                        .append(command.split(" ")[0]);
                text.append("'\n");
            }
            Verbs.flags(verb, List.of()).options().forEach(o -> text.append(fish(seen, verb, o)));
        }
        return text.toString();
    }

    private static String fish(String condition, String verb, Flags.Option o) {
        return "complete -c kubectl" + condition + " -l " + o.name()
                + (o.letter().isEmpty() ? "" : " -s " + o.letter())
                + (o.valued() ? " -r" : "")
                + " -d '" + quoted(Meanings.of(verb, o.name()).orElse("")) + "'\n";
    }

    private static String quoted(String text) {
        return text.replace("\\", "\\\\").replace("'", "\\'");
    }
}

package dev.coracle.cli.kubectl.base;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What every option means, in a line. Options of the same name mean the same nearly everywhere; where a verb gives one a
 * meaning of its own, it stands before the name: {@code logs/follow}.
 */
public final class Meanings {
    private static final String ALL = """
            accept-hosts: expressions of names that the proxy may be called by, with commas between
            accept-paths: expressions of paths that are carried on, with commas between
            address: on which addresses of this machine to listen
            proxy/address: on which address of this machine to listen
            aggregation-rule: take in the rules of all cluster roles with these labels
            all: every object of the kind in the namespace
            all-containers: of every container of the pod
            all-namespaces: in every namespace
            all-pods: of every pod of the workload
            annotation: an annotation of the object, KEY=VALUE
            annotations: an annotation of the pod, KEY=VALUE
            api-group: only kinds of this group
            api-prefix: below which path the API is found
            api-version: of this version of the kind, GROUP/VERSION
            append-server-path: put the path of the kubeconfig's server before every path
            arguments-only: replace the container's arguments, and leave its command
            as: act as this user
            as-group: act as a member of this group
            as-uid: act as the user with this UID
            attach: connect with the container once it runs
            audience: for whom the token is meant
            bound-object-kind: kind of the object whose end ends the token
            bound-object-name: name of the object whose end ends the token
            bound-object-uid: UID of the object whose end ends the token
            cached: accepted for kubectl's sake; the server is always asked
            cascade: what happens to what the object owns: background, foreground or orphan
            categories: only kinds in these categories
            cert: file with the certificate, PEM
            chunk-size: how many objects to ask for at once; 0 for all
            class: which class of controllers serves it
            client: only this side's
            cluster: which cluster of the kubeconfig
            cluster-ip: the Service's address; None for none
            clusterip: the Service's address; None for none
            clusterrole: the ClusterRole that is granted
            command: what follows -- is the command, not its arguments
            container: which container
            containers: each container for itself
            set/containers: only containers whose names match; * stands for anything
            context: which context of the kubeconfig
            copy-to: debug a copy of the pod that has this name
            cpu-percent: share of the requested CPU that pods shall use on average
            current: change the context in use
            current-replicas: only if there are as many now
            default-backend: Service for what no rule matches, NAME:PORT
            delete-emptydir-data: go on although data in emptyDir volumes is lost
            description: what it is for
            disable-eviction: delete pods, whatever their disruption budgets say
            disable-filter: carry on whatever comes; then any page that a browser shows may speak for you
            docker-email: mail address at the registry
            docker-password: password at the registry
            docker-server: the registry
            docker-username: user at the registry
            dry-run: change nothing: client sends nothing, server has it checked
            duration: how long the token is valid
            env: an environment variable, NAME=VALUE
            expose: make a Service for the pod, too
            external-ip: a further address the Service is reached at
            external-name: the DNS name that the Service stands for
            field-manager: in whose name fields are set
            field-selector: only objects whose fields match, such as metadata.name=web
            filename: file, directory or URL with objects; - is standard input
            follow: go on as more is written
            for: only about this object, KIND/NAME
            wait/for: what to wait for: condition=NAME, jsonpath=PATH=VALUE, create or delete
            force: do it without the usual care
            delete/force: remove the object at once, without waiting for what it stands for to end
            certificate/force: decide again what is decided
            drain/force: delete pods that no controller will make again
            replace/force: delete the object, and make it anew
            force-conflicts: take over fields that others manage
            from: take it from this object, KIND/NAME
            from-env-file: file with lines KEY=VALUE
            from-file: file, or KEY=FILE, whose content is a value
            from-literal: KEY=VALUE
            global-default: for pods that name no class
            grace-period: how many seconds to let it end by itself; -1 for its own setting
            group: a group that is granted it
            hard: the limits, RESOURCE=QUANTITY,...
            ignore-daemonsets: leave pods of DaemonSets where they are
            ignore-errors: go on with other logs when one fails
            ignore-not-found: what is not there is no error
            image: the container's image
            image-pull-policy: when to pull the image: Always, IfNotPresent or Never
            key: file with the private key, PEM
            keys: only these keys
            kubeconfig: which kubeconfig file
            kustomize: directory with a kustomization
            label-columns: labels to show in columns of their own
            labels: its labels, KEY=VALUE,...
            leave-stdin-open: do not end the container's input after the first connection
            limit-bytes: print no more than so many bytes
            limits: what containers may use at most, RESOURCE=QUANTITY,...
            list: show what there is
            auth/list: show all that you may do in the namespace
            local: change files only, without asking a server
            max: no more replicas than these
            max-log-requests: how many logs to follow at once
            max-unavailable: how many pods may be gone at once, or which share
            min: no fewer replicas than these
            min-available: how many pods must stay, or which share
            minify: only what the current context uses
            name: what it is called, if not as what it is for
            namespace: in this namespace
            namespaced: only kinds that live in namespaces, or with =false the others
            namespaces: the namespaces to look into, with commas between
            no-headers: no line of column names
            no-preserve: without owners and permissions
            node-port: the port on every node
            non-resource-url: a path that is no resource
            now: ask what runs to end within a second
            output: how to show it, such as yaml, json, name, wide, jsonpath=... or go-template=...
            output-directory: write files into this directory; - is standard output
            output-watch-events: show what kind of change each is
            override-type: how overrides apply: merge, strategic or json
            overrides: JSON that is laid over what is made
            overwrite: change what has a value
            apply/overwrite: take back what others have changed
            patch: the patch, JSON or YAML
            patch-file: file with the patch
            pod-running-timeout: how long to wait until the pod runs
            pod-selector: only pods whose labels match
            port: the port
            proxy/port: the port to listen on; 0 for any
            preemption-policy: whether pods may displace others: PreemptLowerPriority or Never
            prefix: what to put before names
            logs/prefix: begin each line with the pod and the container it is from
            previous: of the container that ran before this one
            privileged: with all rights on the node
            profile: which rights the container has: general, baseline, restricted, netadmin, sysadmin or legacy
            protocol: TCP, UDP or SCTP
            quiet: say less
            raw: ask for this path, and print the answer as it is
            create/raw: send the file to this path as it is, and print the answer
            delete/raw: delete what is at this path, and print the answer
            replace/raw: put the file at this path as it is, and print the answer
            config/raw: show certificates and keys, too
            recursive: with all directories below
            explain/recursive: with the fields of fields
            reject-methods: expressions of methods that are refused, with commas between
            reject-paths: expressions of paths that are refused, accepted or not, with commas between
            remove-extra-permissions: take from roles what the files do not grant
            remove-extra-subjects: take from bindings whom the files do not name
            replace: delete the pod that is copied
            replicas: how many there shall be
            request-timeout: how long to wait for an answer of the server; 0 for ever
            requests: what containers are promised, RESOURCE=QUANTITY,...
            resolve: show what references stand for
            resource: a kind of resource, NAME.GROUP
            resource-name: only the object of this name
            resource-version: only if the object is of this version
            restart: when to start the container again: Always, OnFailure or Never
            revision: of this revision
            rm: delete the pod when its container has ended
            role: the Role that is granted
            rule: a rule, HOST/PATH=SERVICE:PORT[,tls[=SECRET]]
            same-node: put the copy on the pod's node
            save-config: keep the file in an annotation, for apply to go by
            schedule: when it runs, in cron's notation
            scopes: to what the quota applies
            selector: only objects whose labels match, such as app=web
            expose/selector: what the Service selects, KEY=VALUE,...
            create/selector: which pods it protects
            server-side: let the server merge
            serviceaccount: a service account that is granted it, NAMESPACE:NAME
            session-affinity: ClientIP to keep clients at the same pod
            set-image: another image for a container of the copy, NAME=IMAGE
            share-processes: let containers see each other's processes
            show-events: with the events about it
            show-kind: with kinds before names
            show-labels: with the labels
            show-managed-fields: with the record of who set which field
            since: only what is younger than this
            since-time: only what is younger than this time, RFC 3339
            sort-by: in the order of this field, such as .metadata.name
            top/sort-by: cpu or memory
            stdin: hand on what you type
            subresource: of this part of the object, such as status or scale
            tail: only so many of the last lines; -1 for all
            target: see the processes of this container
            target-port: the port of the pods, or its name
            tcp: a port, PORT or PORT:TARGET
            template: what to show of it, as a template; one of Go's where -o says nothing else
            timeout: how long to wait
            timestamps: with the time of each line
            to-revision: to this revision; 0 for the one before
            token: who you are, as a bearer token
            tty: with a terminal
            type: of which type
            patch/type: strategic, merge or json
            types: only events of these types
            unix-socket: listen on this socket instead of a port
            user: a user that is granted it
            config/user: which user of the kubeconfig
            validate: whether the server checks for unknown and missing fields: strict, warn or ignore
            value: how much it counts
            verb: what is allowed, such as get or list
            verbs: only kinds that know all of these
            wait: wait until it is gone
            watch: go on with what changes
            watch-only: only what changes from now on
            www: serve the files of this directory, too
            www-prefix: below which path the files are found
            """;

    private static final Map<String, String> BY_NAME = read();

    private Meanings() {}

    private static Map<String, String> read() {
        Map<String, String> byName = new LinkedHashMap<>();
        ALL.lines().forEach(l -> {
            int colon = l.indexOf(": ");
            byName.put(l.substring(0, colon), l.substring(colon + 2));
        });
        return byName;
    }

    /** Empty where the option is not in the table. */
    public static Optional<String> of(String verb, String option) {
        String own = BY_NAME.get(verb + "/" + option);
        return Optional.ofNullable(own == null ? BY_NAME.get(option) : own);
    }
}

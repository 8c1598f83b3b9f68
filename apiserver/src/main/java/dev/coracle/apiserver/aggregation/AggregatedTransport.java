package dev.coracle.apiserver.aggregation;

import dev.coracle.apiserver.aggregation.Downloads.Question;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.https.Transport;
import dev.coracle.machinery.object.StatusException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.function.BiFunction;

/** Carries what a component of this process asks to the extension servers that answer for it, in its user's name. */
final class AggregatedTransport implements Transport {
    /** More than the largest lists take that a component reads at once. */
    private static final int MOST = 64 << 20;

    private final BiFunction<String, String, Remote> remotes;
    private final Endpoints endpoints;
    private final Downloads downloads;
    private final UserInfo user;

    /** @param remotes who answers for a group and version; throws 503 where nobody does */
    AggregatedTransport(
            BiFunction<String, String, Remote> remotes, Endpoints endpoints, Downloads downloads, UserInfo user) {
        this.remotes = remotes;
        this.endpoints = endpoints;
        this.downloads = downloads;
        this.user = user;
    }

    /** Of {@code /apis/GROUP/VERSION/…}. */
    private Remote remote(String path) {
        String[] parts = path.split("[/?]", 5);
        return remotes.apply(parts[2], parts[3]);
    }

    @Override
    public byte[] exchange(String method, String path, String accept, String type, byte[] body) {
        Remote remote = remote(path);
        Downloads.Answer answer;
        try {
            InetSocketAddress at = endpoints.resolve(remote);
            answer = downloads.send(remote, remote.trust(), at, user, new Question(method, path, type, body), MOST);
        } catch (IOException e) {
            throw Aggregation.absent();
        }
        if (!answer.good()) {
            throw Transport.refusal(answer.code(), answer.body());
        }
        return answer.body();
    }

    @Override
    public InputStream stream(String path, String accept) {
        Remote remote = remote(path);
        try {
            return downloads.stream(
                    remote, remote.trust(), endpoints.resolve(remote), user, path, AggregatedTransport::refusal);
        } catch (IOException e) {
            throw Aggregation.absent();
        }
    }

    private static StatusException refusal(Downloads.Answer answer) {
        return Transport.refusal(answer.code(), answer.body());
    }
}

package dev.coracle.machinery.patch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.json.Json;
import org.junit.jupiter.api.Test;

class StrategicMergePatchTest {
    private final StrategicMergePatch patch = new StrategicMergePatch(path -> path.equals("ports") ? "port" : null);

    private String patched(String target, String changes) {
        return Json.string(patch.apply(Json.parseObject(target), Json.parseObject(changes)));
    }

    @Test
    void anOrderThatNamesAKeyTwiceDoesNotDoubleItsElement() {
        assertThat(patched("""
                {"ports":[{"name":"t","port":80,"protocol":"TCP"}]}""", """
                {"$setElementOrder/ports":[{"port":80},{"port":80}],
                 "ports":[{"name":"u","port":80,"protocol":"UDP"}]}""")).isEqualTo("""
                {"ports":[{"name":"u","port":80,"protocol":"UDP"}]}""");
    }

    @Test
    void theOrderIsThatOfThePatchAndOthersKeepTheirNeighbour() {
        assertThat(patched("""
                {"ports":[{"port":1},{"port":2},{"port":3}]}""", """
                {"$setElementOrder/ports":[{"port":3},{"port":1}]}""")).isEqualTo("""
                {"ports":[{"port":3},{"port":1},{"port":2}]}""");
    }
}

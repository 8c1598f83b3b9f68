package dev.coracle.machinery.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.object.Unstructured;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What expressions see of a device. */
class DeviceSelectorTest {
    private static final DeviceSelector.Seen CARD = DeviceSelector.Seen.of("gpu.example", Unstructured.parse("""
                    {"name":"g0",
                     "attributes":{"model":{"string":"a100"},"slots":{"int":2},"ecc":{"bool":true},
                                   "other.example/firmware":{"version":"1.10.3"}},
                     "capacity":{"memory":{"value":"40Gi"}}}"""));

    private static boolean matches(String expression) {
        return DeviceSelector.of(expression).matches(CARD, new Budget(Budget.PER_OBJECT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "device.driver == 'gpu.example'",
                "device.attributes['gpu.example'].model == 'a100'",
                "device.attributes['gpu.example'].slots > 1",
                "device.attributes['gpu.example'].slots == 2",
                "device.attributes['gpu.example'].ecc",
                "device.attributes['other.example'].firmware.isGreaterThan(semver('1.9.0'))",
                "device.capacity['gpu.example'].memory.isGreaterThan(quantity('39Gi'))",
                "device.capacity['gpu.example'].memory.compareTo(quantity('40Gi')) == 0",
                "'model' in device.attributes['gpu.example']",
                "!('model' in device.attributes['nobody.example'])",
                "!('nobody.example' in device.attributes)",
                "!has(device.attributes['nobody.example'].model)",
                "cel.bind(d, device.attributes['gpu.example'], d.ecc && d.slots == 2)",
                "device.attributes['gpu.example'].?price.orValue(1) == 1",
                "device.attributes['gpu.example'].model in ['a100', 'h100']",
                "device.attributes['gpu.example'].model.matches('^a')",
                "'gpu.example' in device.attributes && dyn(1u) in {1: 'one'} && !(2 in {1: 'one'})",
                "!device.allowMultipleAllocations",
            })
    void itChooses(String expression) {
        assertThat(matches(expression)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "device.driver == 'disk.example'",
                "device.attributes['gpu.example'].model == 'h100'",
                "device.attributes['gpu.example'].model == 1",
                "device.attributes['other.example'].firmware.isLessThan(semver('1.9.0'))",
                "device.capacity['gpu.example'].memory.isGreaterThan(quantity('40Gi'))",
            })
    void itPassesOver(String expression) {
        assertThat(matches(expression)).isFalse();
    }

    @Test
    void itSaysWhyItCannotTell() {
        assertThatThrownBy(() -> matches("device.attributes['gpu.example'].price == 1"))
                .hasMessage("no such key: price");
        assertThatThrownBy(() -> matches("device.attributes['nobody.example'].price == 1"))
                .hasMessage("no such key: price");
        assertThatThrownBy(() -> matches("device.attributes['gpu.example'].model"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("could not be converted to bool");
    }

    @Test
    void itIsNotMadeOfWhatSaysNeitherYesNorNo() {
        assertThatThrownBy(() -> DeviceSelector.of("device.driver"))
                .hasMessage("must evaluate to bool or the unknown type, not string");
        assertThatThrownBy(() -> DeviceSelector.of("device.drivers == ''"))
                .hasMessageStartingWith("compilation failed: ERROR: <input>:1:7: undefined field 'drivers'");
    }

    @Test
    void itEndsWhateverItIsAsked() {
        String digits = "[0,1,2,3,4,5,6,7,8,9]";
        String loops = "device.driver != ''";
        for (char c = 'a'; c < 'h'; c++) {
            loops = digits + ".all(" + c + ", " + loops + ")";
        }
        String all = loops;
        assertThatThrownBy(() -> matches(all)).hasMessage("operation cancelled: actual cost limit exceeded");
    }

    @Test
    void whatIsSpentOnOneDeviceIsNotThereForTheNext() {
        Budget budget = new Budget(20);
        DeviceSelector selector = DeviceSelector.of("device.driver == 'gpu.example'");
        assertThat(selector.matches(CARD, budget)).isTrue();
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 20; i++) {
                        selector.matches(CARD, budget);
                    }
                })
                .isInstanceOf(Budget.Spent.class);
    }
}

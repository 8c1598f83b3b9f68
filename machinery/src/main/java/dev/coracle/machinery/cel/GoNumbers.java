package dev.coracle.machinery.cel;

import java.math.BigDecimal;

/** Numbers as Go's {@code %v} prints them. */
public final class GoNumbers {
    private GoNumbers() {}

    /** {@code 0.5}, {@code 10}, {@code 1e+06}, {@code 1e-07}. */
    public static String text(double number) {
        if (number == 0 || Double.isNaN(number) || Double.isInfinite(number)) {
            return number == 0 ? "0" : String.valueOf(number).replace("Infinity", "Inf");
        }
        BigDecimal exact = new BigDecimal(Double.toString(number)).stripTrailingZeros();
        int exponent = exact.precision() - exact.scale() - 1;
        if (exponent >= -4 && exponent < 6) {
            return exact.toPlainString();
        }
        String digits = exact.unscaledValue().abs().toString();
        String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
        return (number < 0 ? "-" : "") + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+")
                + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }
}

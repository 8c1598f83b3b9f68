package dev.coracle.machinery.quantity;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * A fixed-point amount with a suffix, as {@code k8s.io/apimachinery/pkg/api/resource}: exact, never finer than one
 * billionth (rounded up), and printed canonically in the family of suffixes it was written with.
 *
 * <pre>{@code
 * Quantity.parse("0.5").toString()     // 500m
 * Quantity.parse("1.5Gi").toString()   // 1536Mi
 * Quantity.parse("1200m").value()      // 2
 * }</pre>
 */
public final class Quantity implements Comparable<Quantity> {
    /** Which suffixes the canonical text uses. */
    public enum Format {
        DECIMAL_SI,
        BINARY_SI,
        DECIMAL_EXPONENT
    }

    public static final Quantity ZERO = new Quantity(BigDecimal.ZERO, Format.DECIMAL_SI);

    private static final String DECIMAL = "num kMGTPE";
    private static final String BINARY = "KMGTPE";
    private static final BigDecimal KI = BigDecimal.valueOf(1024);
    /** Longer ones mean nothing, and their digits would take long to read. */
    private static final int MAX_LENGTH = 256;

    private static final String PATTERN =
            "quantities must match the regular expression" + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private final BigDecimal amount;
    private final Format format;

    private Quantity(BigDecimal amount, Format format) {
        this.amount = amount.scale() > 9 ? amount.setScale(9, RoundingMode.UP) : amount;
        this.format = format;
    }

    public static Quantity of(long value) {
        return new Quantity(BigDecimal.valueOf(value), Format.DECIMAL_SI);
    }

    public static Quantity ofMilli(long milli) {
        return new Quantity(BigDecimal.valueOf(milli, 3), Format.DECIMAL_SI);
    }

    /** Bytes, printed with {@code Ki}, {@code Mi}… */
    public static Quantity ofBytes(long bytes) {
        return new Quantity(BigDecimal.valueOf(bytes), Format.BINARY_SI);
    }

    /** From a tree's value, where a number stands for its text; zero for null. */
    public static Quantity of(@Nullable Object value) {
        return value == null ? ZERO : parse(String.valueOf(value));
    }

    /** @throws IllegalArgumentException with upstream's wording when the text is no quantity */
    public static Quantity parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(PATTERN);
        }
        int end = 0;
        while (end < text.length() && "+-0123456789.".indexOf(text.charAt(end)) >= 0) {
            if ("+-".indexOf(text.charAt(end)) >= 0 && end > 0) {
                break;
            }
            end++;
        }
        BigDecimal number;
        try {
            number = new BigDecimal(text.substring(0, end));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(PATTERN);
        }
        String suffix = text.substring(end);
        if (suffix.isEmpty()) {
            return new Quantity(number, Format.DECIMAL_SI);
        }
        if (suffix.length() == 1 && suffix.charAt(0) != ' ') {
            int at = DECIMAL.indexOf(suffix.charAt(0));
            if (at >= 0) {
                return new Quantity(number.scaleByPowerOfTen((at - 3) * 3), Format.DECIMAL_SI);
            }
        }
        if (suffix.length() == 2 && suffix.charAt(1) == 'i' && BINARY.indexOf(suffix.charAt(0)) >= 0) {
            return new Quantity(number.multiply(KI.pow(BINARY.indexOf(suffix.charAt(0)) + 1)), Format.BINARY_SI);
        }
        if (suffix.charAt(0) == 'e' || suffix.charAt(0) == 'E') {
            try {
                int exponent = Integer.parseInt(suffix.substring(1));
                if (Math.abs(exponent) <= 100) {
                    return new Quantity(number.scaleByPowerOfTen(exponent), Format.DECIMAL_EXPONENT);
                }
            } catch (NumberFormatException e) {
                // Falls through to the wording below.
            }
        }
        throw new IllegalArgumentException(
                suffix.chars().allMatch(c -> "eEinumkKMGTP+-0123456789".indexOf(c) >= 0)
                        ? "unable to parse quantity's suffix"
                        : PATTERN);
    }

    /** Thousandths, rounded up; at most {@code Long.MAX_VALUE}. */
    public long milli() {
        return rounded(amount.scaleByPowerOfTen(3));
    }

    /** Units, rounded up; at most {@code Long.MAX_VALUE}. */
    public long value() {
        return rounded(amount);
    }

    private static long rounded(BigDecimal number) {
        BigInteger up = number.setScale(0, RoundingMode.CEILING).toBigInteger();
        return up.bitLength() < 64 ? up.longValue() : up.signum() > 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
    }

    /** The sum; its format is this one's, unless this is zero. */
    public Quantity plus(Quantity other) {
        return new Quantity(amount.add(other.amount), amount.signum() == 0 ? other.format : format);
    }

    public Quantity minus(Quantity other) {
        return new Quantity(amount.subtract(other.amount), amount.signum() == 0 ? other.format : format);
    }

    public Quantity times(long factor) {
        return new Quantity(amount.multiply(BigDecimal.valueOf(factor)), format);
    }

    public Quantity max(Quantity other) {
        return compareTo(other) >= 0 ? this : other;
    }

    public int signum() {
        return amount.signum();
    }

    public boolean isZero() {
        return amount.signum() == 0;
    }

    public Format format() {
        return format;
    }

    public double doubleValue() {
        return amount.doubleValue();
    }

    @Override
    public int compareTo(Quantity other) {
        return amount.compareTo(other.amount);
    }

    /** Equal amounts are equal, however they were written. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Quantity q && compareTo(q) == 0;
    }

    @Override
    public int hashCode() {
        return amount.stripTrailingZeros().hashCode();
    }

    /** The canonical text: no fraction, the largest suffix that allows that. */
    @Override
    public String toString() {
        if (amount.signum() == 0) {
            return "0";
        }
        if (format == Format.BINARY_SI && amount.abs().compareTo(KI) >= 0) {
            return binary();
        }
        int exponent = 18;
        while (exponent > -9
                && amount.scaleByPowerOfTen(-exponent).stripTrailingZeros().scale() > 0) {
            exponent -= 3;
        }
        String number = amount.scaleByPowerOfTen(-exponent).toBigInteger().toString();
        if (exponent == 0) {
            return number;
        }
        return format == Format.DECIMAL_EXPONENT ? number + "e" + exponent : number + DECIMAL.charAt(exponent / 3 + 3);
    }

    private String binary() {
        BigInteger number = amount.setScale(0, RoundingMode.UP).toBigInteger();
        int power = 0;
        while (power < BINARY.length() && number.abs().getLowestSetBit() >= 10) {
            number = number.shiftRight(10);
            power++;
        }
        return power == 0 ? number.toString() : number.toString() + BINARY.charAt(power - 1) + "i";
    }
}

package dev.falconer.compressor.axes;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A polynomial with integer coefficients over named lengths, each >= 0: the length of an axis, as
 * in {@code 2*n+1}. Immutable.
 */
public final class Poly {
  /** Larger monomials first: by degree, then by name, so that the first term leads. */
  private static final Comparator<List<String>> LEADING_FIRST =
      Comparator.<List<String>>comparingInt(List::size).reversed().thenComparing(Poly::byName);

  private static final int LARGEST_KEPT = 128;

  public static final Poly ZERO = new Poly(new TreeMap<>(LEADING_FIRST));
  private static final Poly[] SMALL =
      IntStream.rangeClosed(0, LARGEST_KEPT)
          .mapToObj(value -> term(List.of(), value))
          .toArray(Poly[]::new);

  public static final Poly ONE = of(1);

  private final NavigableMap<List<String>, Long> terms;

  private Poly(NavigableMap<List<String>, Long> terms) {
    this.terms = Collections.unmodifiableNavigableMap(terms);
  }

  private static int byName(List<String> a, List<String> b) {
    for (int i = 0; i < a.size(); i++) {
      int order = a.get(i).compareTo(b.get(i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static Poly term(List<String> monomial, long coefficient) {
    var terms = new TreeMap<List<String>, Long>(LEADING_FIRST);
    if (coefficient != 0) {
      terms.put(List.copyOf(monomial), coefficient);
    }
    return new Poly(terms);
  }

  /** Returns an integer. */
  public static Poly of(long value) {
    return value >= 0 && value <= LARGEST_KEPT ? SMALL[(int) value] : term(List.of(), value);
  }

  /** Returns a named length. */
  public static Poly symbol(String name) {
    return term(List.of(name), 1);
  }

  /** Returns the sum. */
  public Poly plus(Poly other) {
    if (terms.isEmpty() || other.terms.isEmpty()) {
      return terms.isEmpty() ? other : this;
    }
    if (isInteger() && other.isInteger()) {
      return of(Math.addExact(constant(), other.constant()));
    }
    var sum = new TreeMap<>(terms);
    other.terms.forEach((monomial, c) -> sum.merge(monomial, c, Math::addExact));
    sum.values().removeIf(c -> c == 0);
    return new Poly(sum);
  }

  /** Returns the sum with an integer. */
  public Poly plus(long value) {
    return plus(of(value));
  }

  /** Returns the difference. */
  public Poly minus(Poly other) {
    return plus(other.times(of(-1)));
  }

  /** Returns the product. */
  public Poly times(Poly other) {
    if (is(1) || other.is(1)) {
      return is(1) ? other : this;
    }
    if (isInteger() && other.isInteger()) {
      return of(Math.multiplyExact(constant(), other.constant()));
    }
    Poly product = ZERO;
    for (var a : terms.entrySet()) {
      for (var b : other.terms.entrySet()) {
        var monomial = new ArrayList<>(a.getKey());
        monomial.addAll(b.getKey());
        Collections.sort(monomial);
        product = product.plus(term(monomial, Math.multiplyExact(a.getValue(), b.getValue())));
      }
    }
    return product;
  }

  /** Returns the quotient when the division leaves no remainder. */
  public Optional<Poly> dividedBy(Poly divisor) {
    if (divisor.terms.isEmpty()) {
      return Optional.empty();
    }
    if (divisor.is(1)) {
      return Optional.of(this);
    }
    Poly rest = this;
    Poly quotient = ZERO;
    List<String> lead = divisor.terms.firstKey();
    long leadCoefficient = divisor.terms.firstEntry().getValue();
    while (!rest.terms.isEmpty()) {
      var monomial = new ArrayList<>(rest.terms.firstKey());
      long coefficient = rest.terms.firstEntry().getValue();
      for (String symbol : lead) {
        if (!monomial.remove(symbol)) {
          return Optional.empty();
        }
      }
      if (coefficient % leadCoefficient != 0) {
        return Optional.empty();
      }
      Poly step = term(monomial, coefficient / leadCoefficient);
      quotient = quotient.plus(step);
      rest = rest.minus(step.times(divisor));
    }
    return Optional.of(quotient);
  }

  /** Returns whether it names no length. */
  public boolean isInteger() {
    return terms.isEmpty() || (terms.size() == 1 && terms.containsKey(List.<String>of()));
  }

  /** Returns whether it is this integer. */
  public boolean is(long value) {
    return isInteger() && constant() == value;
  }

  /** Returns the integer. Throws IllegalStateException when it names a length. */
  public long integer() {
    if (!isInteger()) {
      throw new IllegalStateException(this + " is no integer");
    }
    return constant();
  }

  /** Returns the term without a length. */
  public long constant() {
    return terms.getOrDefault(List.<String>of(), 0L);
  }

  /** Returns whether it is >= 0 whatever the lengths: no coefficient is negative. Sufficient. */
  public boolean neverNegative() {
    return terms.values().stream().allMatch(c -> c >= 0);
  }

  /** Returns the lengths named. */
  public Set<String> symbols() {
    var symbols = new TreeSet<String>();
    terms.keySet().forEach(symbols::addAll);
    return symbols;
  }

  /** Returns the coefficient of the length standing alone. */
  public long coefficient(String symbol) {
    return terms.getOrDefault(List.of(symbol), 0L);
  }

  /** Returns the terms, leading first: factors by coefficient. */
  public NavigableMap<List<String>, Long> terms() {
    return terms;
  }

  /** Returns it with lengths replaced. */
  public Poly with(Map<String, Poly> lengths) {
    Poly result = ZERO;
    for (var entry : terms.entrySet()) {
      Poly product = of(entry.getValue());
      for (String symbol : entry.getKey()) {
        Poly replaced = lengths.get(symbol);
        product = product.times(replaced == null ? symbol(symbol) : replaced);
      }
      result = result.plus(product);
    }
    return result;
  }

  /** Returns the value at the given lengths; 0 for a length not given. */
  public double at(Map<String, Long> lengths) {
    double sum = 0;
    for (var entry : terms.entrySet()) {
      double product = entry.getValue();
      for (String symbol : entry.getKey()) {
        product *= lengths.getOrDefault(symbol, 0L);
      }
      sum += product;
    }
    return sum;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Poly poly && terms.equals(poly.terms);
  }

  @Override
  public int hashCode() {
    return terms.hashCode();
  }

  @Override
  public String toString() {
    if (terms.isEmpty()) {
      return "0";
    }
    var text = new StringBuilder();
    terms.forEach((monomial, c) -> {
      text.append(c < 0 ? "-" : text.isEmpty() ? "" : "+");
      long size = Math.abs(c);
      text.append(monomial.isEmpty() ? size : size == 1 ? "" : size + "*");
      text.append(String.join("*", monomial));
    });
    return text.toString();
  }
}

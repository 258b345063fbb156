package dev.falconer.compressor.axes;

import dev.falconer.compressor.onnx.Attribute;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Einsum: axes of one name meet; those that the result does not name are summed away. */
final class Contraction {
  private static final Pattern LETTERS = Pattern.compile("[a-zA-Z]*");

  private Contraction() {}

  static Known einsum(Scope scope) {
    String text =
        scope.node().attributes().get("equation") instanceof Attribute.TextAttr(String given)
            ? given.replace(" ", "")
            : "";
    String[] sides = text.split("->", -1);
    String[] operands = sides[0].split(",", -1);
    if (sides.length != 2 || operands.length != scope.count()) {
      throw unsupported(scope, text);
    }
    Map<Character, Axis> named = new LinkedHashMap<>();
    for (int i = 0; i < operands.length; i++) {
      Known in = scope.in(i);
      String names = operands[i];
      if (!LETTERS.matcher(names).matches() || names.length() != in.rank()) {
        throw unsupported(scope, text);
      }
      for (int k = 0; k < names.length(); k++) {
        char name = names.charAt(k);
        if (names.indexOf(name) != k) {
          throw unsupported(scope, text);
        }
        Axis known = named.get(name);
        named.put(name, known == null ? in.axis(k) : scope.join(k, known, in.axis(k)));
      }
    }
    named.forEach((name, axis) -> {
      if (sides[1].indexOf(name) < 0 && axis.hasRows()) {
        throw scope.mixes(-1, "sums over \"" + name + "\",");
      }
    });
    var axes = new ArrayList<Axis>();
    for (char name : sides[1].toCharArray()) {
      Axis axis = named.get(name);
      if (axis == null) {
        throw unsupported(scope, text);
      }
      axes.add(axis);
    }
    return Known.of(scope.in(0).dtype(), List.copyOf(axes), scope.colour());
  }

  private static SplitRefusal unsupported(Scope scope, String text) {
    return scope.unsupported(
        "equation \"" + text + "\" has no rule", "name every axis once and write the result");
  }
}

package io.anabranch.mercure;

import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.stream.Collectors;

/**
 * A URI template (RFC 6570, all levels) as the regular expression of what it expands to, whatever
 * the values: for RE2, whose time is linear, since templates are strangers'.
 */
final class UriTemplate {
    /** More would make an expression that is long, and no use. */
    private static final int MAX_VARIABLES = 8;

    private static final java.util.regex.Pattern EXPRESSION =
            java.util.regex.Pattern.compile("\\{([^{}]*)}");
    private static final java.util.regex.Pattern VARIABLE =
            java.util.regex.Pattern.compile("([A-Za-z0-9_.%]+)(\\*|:[1-9][0-9]{0,3})?");

    private static final String PERCENT = "%[0-9A-Fa-f]{2}";

    /** What may stand in an expansion unescaped; beyond ASCII whatever an IRI has. */
    private static final String UNRESERVED = "(?:[A-Za-z0-9._~-]|[^\\x00-\\x7f]|" + PERCENT + ")";

    private static final String RESERVED =
            "(?:[A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=-]|[^\\x00-\\x7f]|" + PERCENT + ")";

    private UriTemplate() {}

    /** Empty for what is no template, or has no variable. */
    static Optional<Pattern> parse(String template) {
        Matcher expressions = EXPRESSION.matcher(template);
        StringBuilder pattern = new StringBuilder();
        int end = 0;
        int variables = 0;
        while (expressions.find()) {
            pattern.append(Pattern.quote(template.substring(end, expressions.start())));
            List<Variable> of = variables(expressions.group(1));
            variables += of.size();
            if (of.isEmpty() || variables > MAX_VARIABLES) {
                return Optional.empty();
            }
            pattern.append(expression(Operator.of(expressions.group(1)), of));
            end = expressions.end();
        }
        String rest = template.substring(end);
        if (end == 0 || rest.contains("{") || rest.contains("}")) {
            return Optional.empty();
        }
        return Optional.of(Pattern.compile(pattern.append(Pattern.quote(rest)).toString()));
    }

    /** Of the expression without its braces; empty when one of them is none. */
    private static List<Variable> variables(String expression) {
        Operator operator = Operator.of(expression);
        List<Variable> variables = new ArrayList<>();
        for (String text : expression.substring(operator.sign.length()).split(",", -1)) {
            Matcher variable = VARIABLE.matcher(text);
            if (!variable.matches()) {
                return List.of();
            }
            variables.add(new Variable(variable.group(1), "*".equals(variable.group(2))));
        }
        return variables;
    }

    /** Any of the variables may be undefined; those that are not keep their order. */
    private static String expression(Operator operator, List<Variable> variables) {
        List<String> alternatives = new ArrayList<>();
        for (int first = 0; first < variables.size(); first++) {
            StringBuilder alternative = new StringBuilder(operator.value(variables.get(first)));
            for (Variable next : variables.subList(first + 1, variables.size())) {
                alternative
                        .append("(?:")
                        .append(Pattern.quote(operator.separator))
                        .append(operator.value(next))
                        .append(")?");
            }
            alternatives.add(alternative.toString());
        }
        String any = alternatives.stream().collect(Collectors.joining("|", "(?:", ")"));
        return "(?:" + Pattern.quote(operator.first) + any + ")?";
    }

    private record Variable(String name, boolean explodes) {}

    /** RFC 6570, appendix A. */
    private enum Operator {
        SIMPLE("", "", ",", false, UNRESERVED),
        RESERVED_CHARACTERS("+", "", ",", false, RESERVED),
        FRAGMENT("#", "#", ",", false, RESERVED),
        LABEL(".", ".", ".", false, UNRESERVED),
        PATH("/", "/", "/", false, UNRESERVED),
        PARAMETER(";", ";", ";", true, UNRESERVED),
        QUERY("?", "?", "&", true, UNRESERVED),
        CONTINUATION("&", "&", "&", true, UNRESERVED);

        private final String sign;
        private final String first;
        private final String separator;
        private final boolean named;
        private final String character;

        Operator(String sign, String first, String separator, boolean named, String character) {
            this.sign = sign;
            this.first = first;
            this.separator = separator;
            this.named = named;
            this.character = character;
        }

        private static Operator of(String expression) {
            for (Operator operator : values()) {
                if (operator != SIMPLE && expression.startsWith(operator.sign)) {
                    return operator;
                }
            }
            return SIMPLE;
        }

        /** What one variable expands to: a text, a list or an associative array. */
        private String value(Variable variable) {
            String one = character + "*";
            String list = one + "(?:," + one + ")*";
            String name = Pattern.quote(variable.name());
            if (!variable.explodes()) {
                return named ? name + "(?:=" + list + ")?" : list;
            }
            String key = named ? character + "+" : "(?:" + character + "+=)?";
            String item = named ? "(?:" + key + "(?:=" + one + ")?)" : "(?:" + key + one + ")";
            return item + "(?:" + Pattern.quote(separator) + item + ")*";
        }
    }
}

#include "controller/api/core/label_selector.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace chatflow::api {

namespace {

bool is_name_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' ||
           c == '/';
}

/// Reads "a=b, c in (d,e), !f" from left to right; the first error ends it.
class Parser {
 public:
    explicit Parser(std::string_view text) : text_(text) {}

    std::expected<LabelSelector, std::string> parse() {
        skip_spaces();
        if (at_end()) return selector_;
        parse_requirement();
        while (!at_end() && error_.empty() && expect(",")) parse_requirement();
        if (!error_.empty()) return std::unexpected(error_);
        return selector_;
    }

 private:
    void parse_requirement() {
        if (take("!")) {
            return add(word("a label"), "DoesNotExist");
        }
        std::string key = word("a label");
        if (take("!=")) {
            add(std::move(key), "NotIn", {value()});
        } else if (take("==") || take("=")) {
            selector_.match_labels.insert_or_assign(std::move(key), value());
        } else if (take_word("notin")) {
            add(std::move(key), "NotIn", values());
        } else if (take_word("in")) {
            add(std::move(key), "In", values());
        } else {
            add(std::move(key), "Exists");
        }
    }

    void add(std::string key, std::string_view op, std::vector<std::string> list = {}) {
        selector_.match_expressions.push_back(
            {.key = std::move(key), .op = std::string(op), .values = std::move(list)});
    }

    std::vector<std::string> values() {
        std::vector<std::string> list;
        if (!expect("(")) return list;
        do list.push_back(value());
        while (take(","));
        expect(")");
        std::ranges::sort(list);
        return list;
    }

    /// May be empty, as a label's value may.
    std::string value() {
        const auto end = std::ranges::find_if_not(text_, is_name_character);
        std::string found(text_.begin(), end);
        text_.remove_prefix(found.size());
        skip_spaces();
        return found;
    }

    std::string word(std::string_view what) {
        std::string found = value();
        if (found.empty()) fail(what);
        return found;
    }

    bool take(std::string_view token) {
        if (!text_.starts_with(token)) return false;
        text_.remove_prefix(token.size());
        skip_spaces();
        return true;
    }

    bool take_word(std::string_view token) {
        const bool is_whole =
            text_.size() <= token.size() || !is_name_character(text_[token.size()]);
        return is_whole && take(token);
    }

    bool expect(std::string_view token) {
        if (take(token)) return true;
        fail(fmt::format("'{}'", token));
        return false;
    }

    void fail(std::string_view expected) {
        if (!error_.empty()) return;
        error_ = at_end()
                     ? fmt::format("must go on with {} at its end", expected)
                     : fmt::format("must go on with {}, not '{}'", expected, text_.substr(0, 20));
    }

    void skip_spaces() {
        while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
    }
    [[nodiscard]] bool at_end() const { return text_.empty(); }

    std::string_view text_;
    LabelSelector selector_;
    std::string error_;
};

bool holds(const LabelSelectorRequirement& requirement, const Labels& labels) {
    const auto label = labels.find(requirement.key);
    const bool exists = label != labels.end();
    const bool is_listed = exists && std::ranges::contains(requirement.values, label->second);
    if (requirement.op == "In") return is_listed;
    if (requirement.op == "NotIn") return !is_listed;
    if (requirement.op == "Exists") return exists;
    return !exists;
}

}  // namespace

std::expected<LabelSelector, std::string> parse_label_selector(std::string_view text) {
    return Parser(text).parse();
}

std::string to_string(const LabelSelector& selector) {
    std::string text;
    const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ",") + part; };
    for (const auto& [key, value] : selector.match_labels) add(key + "=" + value);
    for (const LabelSelectorRequirement& requirement : selector.match_expressions) {
        const auto& [key, op, values] = requirement;
        if (op == "Exists") {
            add(key);
        } else if (op == "DoesNotExist") {
            add("!" + key);
        } else {
            add(fmt::format("{} {} ({})", key, op == "In" ? "in" : "notin",
                            fmt::join(values, ",")));
        }
    }
    return text;
}

bool matches(const LabelSelector& selector, const Labels& labels) {
    const auto has = [&labels](const auto& wanted) {
        const auto label = labels.find(wanted.first);
        return label != labels.end() && label->second == wanted.second;
    };
    return std::ranges::all_of(selector.match_labels, has) &&
           std::ranges::all_of(
               selector.match_expressions,
               [&labels](const LabelSelectorRequirement& r) { return holds(r, labels); });
}

}  // namespace chatflow::api

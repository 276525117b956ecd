#include "controller/crdgen/yaml.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include <nlohmann/json.hpp>

namespace chatflow::crdgen {

using nlohmann::ordered_json;

namespace {

bool is_plain(std::string_view text) {
    // YAML 1.1 has more words for true and false than JSON.
    static constexpr std::array<std::string_view, 10> kWords{"true", "false", "null", "yes", "no",
                                                             "on",   "off",   "y",    "n",   "~"};
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (text.empty() || std::ranges::contains(kWords, lower)) return false;
    if (std::isalpha(static_cast<unsigned char>(text.front())) == 0) return false;
    return std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '/';
    });
}

std::string scalar(const ordered_json& value) {
    if (value.is_object()) return "{}";
    if (value.is_array()) return "[]";
    if (value.is_string() && is_plain(value.get_ref<const std::string&>())) {
        return value.get<std::string>();
    }
    return value.dump();  // a JSON text is a double-quoted YAML text
}

bool is_block(const ordered_json& value) { return value.is_structured() && !value.empty(); }

void write(const ordered_json& value, std::size_t indent, std::string& out);

void write_member(const std::string& name, const ordered_json& value, std::size_t indent,
                  std::string& out) {
    out += scalar(name) + ":";
    if (!is_block(value)) {
        out += " " + scalar(value) + "\n";
        return;
    }
    out += "\n";
    const std::size_t inner = value.is_array() ? indent : indent + 2;
    out += std::string(inner, ' ');
    write(value, inner, out);
}

/// The first line stands where `out` ends; the following ones are indented.
void write(const ordered_json& value, std::size_t indent, std::string& out) {
    bool is_first = true;
    const auto begin_line = [&] {
        if (!std::exchange(is_first, false)) out += std::string(indent, ' ');
    };
    if (value.is_object()) {
        for (const auto& [name, member] : value.items()) {
            begin_line();
            write_member(name, member, indent, out);
        }
        return;
    }
    for (const ordered_json& item : value) {
        begin_line();
        out += "- ";
        if (is_block(item)) {
            write(item, indent + 2, out);
        } else {
            out += scalar(item) + "\n";
        }
    }
}

}  // namespace

std::string to_yaml(const ordered_json& document) {
    std::string out;
    if (!is_block(document)) return scalar(document) + "\n";
    write(document, 0, out);
    return out;
}

}  // namespace chatflow::crdgen

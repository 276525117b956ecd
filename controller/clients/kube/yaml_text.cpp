#include "controller/clients/kube/yaml_text.hpp"

#include <cstddef>
#include <utility>

namespace chatflow::kube {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

// What the text begins with: bytes to be replaced, and by what; 0: nothing special.
std::pair<std::size_t, std::string> escape_at_start_of(std::string_view text) {
    const auto byte = [text](std::size_t at) {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    if (byte(0) == 0x7f) return {1, "\\u007f"};
    if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) <= 0x9f) {
        return {2, std::string("\\u00") + kDigits[byte(1) >> 4U] + kDigits[byte(1) & 15U]};
    }
    if (text.starts_with("\xe2\x80\xa8")) return {3, "\\u2028"};
    if (text.starts_with("\xe2\x80\xa9")) return {3, "\\u2029"};
    if (text.starts_with("\xef\xbb\xbf")) return {3, "\\ufeff"};
    if (text.starts_with("\xef\xbf\xbe")) return {3, "\\ufffe"};
    if (text.starts_with("\xef\xbf\xbf")) return {3, "\\uffff"};
    return {0, ""};
}

}  // namespace

std::string json_as_yaml(std::string_view json) {
    std::string yaml;
    yaml.reserve(json.size());
    while (!json.empty()) {
        const bool is_plain = json.front() >= ' ' && json.front() < '\x7f';
        const auto [length, escape] =
            is_plain ? std::pair<std::size_t, std::string>() : escape_at_start_of(json);
        if (length == 0) {
            yaml += json.front();
            json.remove_prefix(1);
        } else {
            yaml += escape;
            json.remove_prefix(length);
        }
    }
    return yaml;
}

}  // namespace chatflow::kube

#include "workloads/socket/protocol/json_text.hpp"

#include <cctype>

#include <nlohmann/json.hpp>

namespace chatflow::socket {
namespace {

// Walks over JSON text. Every function leaves `at` behind what it read and is false at an error.
class Scanner {
 public:
    explicit Scanner(std::string_view text) : text_(text) {}

    bool value(std::size_t depth) {
        if (depth > kJsonDepthMax) return false;
        switch (peek()) {
            case '{':
                return object(depth);
            case '[':
                return array(depth, nullptr);
            case '"':
                return string();
            case 't':
                return word("true");
            case 'f':
                return word("false");
            case 'n':
                return word("null");
            default:
                return number();
        }
    }

    bool array(std::size_t depth, std::vector<std::string_view>* elements) {
        if (!take('[')) return false;
        skip_space();
        if (take(']')) return true;
        for (;;) {
            const std::size_t begin = at_;
            if (!value(depth + 1)) return false;
            if (elements != nullptr) elements->push_back(text_.substr(begin, at_ - begin));
            skip_space();
            if (take(']')) return true;
            if (!take(',')) return false;
            skip_space();
        }
    }

    void skip_space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' ||
                                      text_[at_] == '\n' || text_[at_] == '\r')) {
            ++at_;
        }
    }

    [[nodiscard]] bool is_at_end() const { return at_ == text_.size(); }

 private:
    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    bool take(char c) {
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    bool word(std::string_view expected) {
        if (!text_.substr(at_).starts_with(expected)) return false;
        at_ += expected.size();
        return true;
    }

    bool object(std::size_t depth) {
        if (!take('{')) return false;
        skip_space();
        if (take('}')) return true;
        for (;;) {
            if (!string()) return false;
            skip_space();
            if (!take(':')) return false;
            skip_space();
            if (!value(depth + 1)) return false;
            skip_space();
            if (take('}')) return true;
            if (!take(',')) return false;
            skip_space();
        }
    }

    bool string() {
        if (!take('"')) return false;
        while (at_ < text_.size()) {
            const char c = text_[at_++];
            if (c == '"') return true;
            if (static_cast<unsigned char>(c) < 0x20) return false;
            if (c == '\\' && !escape()) return false;
        }
        return false;
    }

    bool escape() {
        const char c = peek();
        if (c == '\0') return false;
        ++at_;
        if (c != 'u') return std::string_view("\"\\/bfnrt").contains(c);
        for (int i = 0; i < 4; ++i, ++at_) {
            if (std::isxdigit(static_cast<unsigned char>(peek())) == 0) return false;
        }
        return true;
    }

    bool number() {
        take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            return digits();
        }
        return true;
    }

    bool digits() {
        const std::size_t begin = at_;
        while (peek() >= '0' && peek() <= '9') ++at_;
        return at_ > begin;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

bool is_json(std::string_view text) {
    Scanner scanner(text);
    scanner.skip_space();
    if (!scanner.value(1)) return false;
    scanner.skip_space();
    return scanner.is_at_end();
}

std::optional<std::vector<std::string_view>> split_json_array(std::string_view text) {
    Scanner scanner(text);
    std::vector<std::string_view> elements;
    scanner.skip_space();
    if (!scanner.array(1, &elements)) return std::nullopt;
    scanner.skip_space();
    if (!scanner.is_at_end()) return std::nullopt;
    return elements;
}

std::optional<std::string> json_string_value(std::string_view element) {
    if (element.size() < 2 || element.front() != '"') return std::nullopt;
    if (!element.contains('\\')) return std::string(element.substr(1, element.size() - 2));
    const auto value = nlohmann::json::parse(element, nullptr, /*allow_exceptions=*/false);
    if (!value.is_string()) return std::nullopt;
    return value.get<std::string>();
}

std::optional<std::string> json_member(std::string_view object, const char* name) {
    const auto value = nlohmann::json::parse(object, nullptr, /*allow_exceptions=*/false);
    if (!value.is_object()) return std::nullopt;
    const auto member = value.find(name);
    if (member == value.end() || !member->is_string()) return std::nullopt;
    return member->get<std::string>();
}

void append_json_string(std::string& out, std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (code < 0x20) {
            out += "\\u00";
            out += kDigits[code >> 4U];
            out += kDigits[code & 15U];
        } else {
            out += c;
        }
    }
    out += '"';
}

}  // namespace chatflow::socket

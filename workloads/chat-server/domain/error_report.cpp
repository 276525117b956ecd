#include "workloads/chat-server/domain/error_report.hpp"

#include "workloads/chat-server/domain/body_fields.hpp"

#include <algorithm>

namespace chatflow::chat {
namespace {

constexpr TextRule kMessage{.least = 1, .most = 1000};
constexpr TextRule kStack{.least = 0, .most = 8000};
constexpr TextRule kUrl{.least = 0, .most = 1000};
constexpr TextRule kRelease{.least = 0, .most = 100};
constexpr std::size_t kCommonMax = 500;
constexpr std::int64_t kSpikeLeast = 10;
constexpr std::int64_t kSpikeTimes = 3;
constexpr std::int64_t kFiveMinutesInAnHour = 12;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

// A word with a digit in it stands for something else each time: an id, a number, a place.
std::string without_numbers(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto end = std::ranges::find_if_not(text, is_word);
        const auto size = static_cast<std::size_t>(end - text.begin());
        const std::string_view word = text.substr(0, size);
        if (std::ranges::any_of(word, is_digit)) {
            out += '#';
        } else {
            out += word;
        }
        if (size < text.size()) out += text[size];
        text.remove_prefix(std::min(size + 1, text.size()));
    }
    return out;
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

// The message stands again in the first line of many stacks; the next is where it happened.
std::string_view innermost(std::string_view stack, std::string_view message) {
    const std::string_view first = first_line(stack);
    if (!first.contains(first_line(message)) || first.size() == stack.size()) return first;
    return first_line(stack.substr(first.size() + 1));
}

}  // namespace

std::expected<ErrorReport, FieldErrors> parse_error_report(std::string_view body) {
    BodyFields fields(body);
    ErrorReport report{.message = fields.required("message", kMessage),
                       .stack = fields.optional("stack", kStack),
                       .url = fields.optional("url", kUrl),
                       .release = fields.optional("release", kRelease)};
    fields.refuse_others({"message", "stack", "url", "release"});
    if (!fields.errors.empty()) return std::unexpected(std::move(fields.errors));
    return report;
}

std::string common_text(const ErrorReport& report) {
    std::string text = without_numbers(first_line(report.message));
    text += "\n" + without_numbers(innermost(report.stack, report.message));
    return text.substr(0, kCommonMax);
}

std::string to_json(const ErrorReport& report) {
    return nlohmann::ordered_json{{"message", report.message},
                                  {"stack", report.stack},
                                  {"url", report.url},
                                  {"release", report.release}}
        .dump();
}

bool is_spike(std::int64_t last_five_minutes, std::int64_t hour_before) {
    return last_five_minutes >= kSpikeLeast &&
           last_five_minutes * kFiveMinutesInAnHour > hour_before * kSpikeTimes;
}

}  // namespace chatflow::chat

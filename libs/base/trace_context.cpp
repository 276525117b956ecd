#include "libs/base/trace_context.hpp"

#include "libs/base/hex.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <span>

namespace chatflow {
namespace {

constexpr std::size_t kVersion = 0;
constexpr std::size_t kTraceId = 3;
constexpr std::size_t kSpanId = 36;
constexpr std::size_t kFlags = 53;
constexpr std::size_t kTraceIdDigits = 32;
constexpr std::size_t kSpanIdDigits = 16;

bool is_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool is_hex(std::string_view text) { return std::ranges::all_of(text, is_digit); }

bool is_zero(std::string_view digits) {
    return digits.find_first_not_of('0') == std::string_view::npos;
}

unsigned value_of(char digit) {
    return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

// Unique, not secret.
std::string random_digits(std::size_t digits) {
    thread_local std::mt19937_64 random = [] {
        std::random_device device;
        std::seed_seq seed{device(), device(), device(), device(), device(), device()};
        return std::mt19937_64(seed);
    }();
    std::array<unsigned char, kTraceIdDigits / 2> bytes{};
    const auto used = std::span(bytes).first(digits / 2);
    do {
        for (auto& byte : used) byte = static_cast<unsigned char>(random());
    } while (std::ranges::all_of(used, [](unsigned char byte) { return byte == 0; }));
    return to_hex(used);
}

}  // namespace

std::expected<TraceContext, std::string_view> parse_traceparent(std::string_view text) {
    if (text.empty()) return std::unexpected("is missing");
    if (text.size() < kTraceparentBytes) return std::unexpected("is shorter than 55 characters");
    for (const std::size_t dash : {kTraceId - 1, kSpanId - 1, kFlags - 1}) {
        if (text[dash] != '-') return std::unexpected("is not four parts with dashes in between");
    }
    const auto version = text.substr(kVersion, 2);
    const auto trace_id = text.substr(kTraceId, kTraceIdDigits);
    const auto span_id = text.substr(kSpanId, kSpanIdDigits);
    const auto flags = text.substr(kFlags, 2);
    for (const auto part : {version, trace_id, span_id, flags}) {
        if (!is_hex(part))
            return std::unexpected("has other than hexadecimal digits in lower case");
    }
    if (version == "ff") return std::unexpected("has the version ff, which is forbidden");
    if (version == "00" && text.size() != kTraceparentBytes) {
        return std::unexpected("is longer than 55 characters");
    }
    if (text.size() > kTraceparentBytes && text[kTraceparentBytes] != '-') {
        return std::unexpected("goes on after its flags without a dash");
    }
    if (is_zero(trace_id)) return std::unexpected("has a trace id of zeros");
    if (is_zero(span_id)) return std::unexpected("has a parent id of zeros");
    return TraceContext{.trace_id = std::string(trace_id),
                        .span_id = std::string(span_id),
                        .is_sampled = (value_of(flags[1]) & 1U) != 0};
}

std::optional<TraceContext> find_traceparent(std::string_view json) {
    for (;;) {
        const auto name = json.find(kTraceparent);
        if (name == std::string_view::npos) return std::nullopt;
        json.remove_prefix(name + kTraceparent.size());
        const auto value = json.find_first_not_of("\\\": ");
        if (value == 0 || value == std::string_view::npos) continue;
        const auto rest = json.substr(value);
        const auto context = parse_traceparent(rest.substr(0, rest.find_first_of("\\\"")));
        if (context) return *context;
    }
}

std::string to_traceparent(const TraceContext& context) {
    return "00-" + context.trace_id + "-" + context.span_id + (context.is_sampled ? "-01" : "-00");
}

TraceContext begin_trace() {
    return {.trace_id = random_digits(kTraceIdDigits), .span_id = random_digits(kSpanIdDigits)};
}

TraceContext next_span(const TraceContext& parent) {
    return {.trace_id = parent.trace_id,
            .span_id = random_digits(kSpanIdDigits),
            .is_sampled = parent.is_sampled};
}

TraceContext continue_trace(std::string_view text) {
    auto context = parse_traceparent(text);
    return context ? std::move(*context) : begin_trace();
}

}  // namespace chatflow

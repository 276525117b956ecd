#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow {

/// The header, job field and event field that carries a TraceContext.
inline constexpr std::string_view kTraceparent = "traceparent";
/// "00-<32>-<16>-<2>" of hexadecimal digits.
inline constexpr std::size_t kTraceparentBytes = 55;

/// To which trace something belongs that goes from program to program: W3C Trace Context, level 1,
/// version 00. A value; made by parse_traceparent, begin_trace or next_span, so always well-formed.
struct TraceContext {
    std::string trace_id;  // 32 hexadecimal digits in lower case, not all 0; in log lines: trace_id
    std::string span_id;   // 16 of them: the step that caused this one
    bool is_sampled = false;

    bool operator==(const TraceContext&) const = default;
};

/// Reads a traceparent. The error says in words what is wrong, without showing the text. Versions
/// above 00 are read as far as 00 goes, as the standard asks; ff is refused. Pure.
[[nodiscard]] std::expected<TraceContext, std::string_view> parse_traceparent(
    std::string_view text);

/// The first readable member "traceparent" of a JSON text, or of JSON within its texts, without
/// parsing what may be large: whoever writes such a member into a message's words misleads who
/// reads logs and nothing else. Pure.
[[nodiscard]] std::optional<TraceContext> find_traceparent(std::string_view json);

/// As it is sent on. Pure.
[[nodiscard]] std::string to_traceparent(const TraceContext& context);

/// A new trace with random ids, not sampled. Any thread.
[[nodiscard]] TraceContext begin_trace();

/// A step of our own within the same trace: another span id. Any thread.
[[nodiscard]] TraceContext next_span(const TraceContext& parent);

/// What `text` names when it can be read, else a new trace: whoever sends rubbish loses the
/// connection to its trace and nothing else. Any thread.
[[nodiscard]] TraceContext continue_trace(std::string_view text);

}  // namespace chatflow

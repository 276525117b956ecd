#include "libs/base/log.hpp"

#include "libs/base/time.hpp"

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <mutex>

#include <fmt/format.h>

namespace chatflow {
namespace {

std::string_view name_of(LogLevel level) {
    switch (level) {
        case LogLevel::Debug:
            return "debug";
        case LogLevel::Info:
            return "info";
        case LogLevel::Warning:
            return "warning";
        case LogLevel::Error:
            return "error";
    }
    return "error";
}

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<int>(c));
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

void append_field(std::string& out, const LogField& field) {
    out += ',';
    append_json_string(out, field.key);
    out += ':';
    std::visit(
        [&out](const auto& value) {
            using T = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<T, std::string>) {
                append_json_string(out, value);
            } else if constexpr (std::is_same_v<T, double>) {
                out += std::isfinite(value) ? fmt::format("{}", value) : std::string("null");
            } else {
                out += fmt::format("{}", value);
            }
        },
        field.value);
}

void write_to_stdout(void*, std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
}

}  // namespace

struct Log::Shared {
    std::atomic<LogLevel> least;
    std::mutex mutex;  // one line is written whole
    Sink sink = write_to_stdout;
    void* context = nullptr;
};

Log::Log(std::string_view program, LogLevel least) : shared_(std::make_shared<Shared>()) {
    shared_->least = least;
    append_field(bound_, {"program", program});
}

Log Log::with(std::initializer_list<LogField> fields) const {
    Log copy = *this;
    for (const LogField& field : fields) append_field(copy.bound_, field);
    return copy;
}

void Log::debug(std::string_view message, std::initializer_list<LogField> fields) const {
    write(LogLevel::Debug, message, fields);
}
void Log::info(std::string_view message, std::initializer_list<LogField> fields) const {
    write(LogLevel::Info, message, fields);
}
void Log::warning(std::string_view message, std::initializer_list<LogField> fields) const {
    write(LogLevel::Warning, message, fields);
}
void Log::error(std::string_view message, std::initializer_list<LogField> fields) const {
    write(LogLevel::Error, message, fields);
}

void Log::set_level(LogLevel least) const { shared_->least = least; }

void Log::set_sink(Sink sink, void* context) const {
    const std::lock_guard lock(shared_->mutex);
    shared_->sink = sink;
    shared_->context = context;
}

void Log::write(LogLevel level, std::string_view message,
                std::initializer_list<LogField> fields) const {
    if (level < shared_->least.load(std::memory_order_relaxed)) return;
    const auto now =
        std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    std::string line = fmt::format(R"({{"time":"{}","level":"{}","msg":)",
                                   format_rfc3339_micro(now), name_of(level));
    append_json_string(line, message);
    line += bound_;
    for (const LogField& field : fields) append_field(line, field);
    line += "}\n";
    const std::lock_guard lock(shared_->mutex);
    shared_->sink(shared_->context, line);
}

}  // namespace chatflow

#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace chatflow {

enum class LogLevel { Debug, Info, Warning, Error };

/// One datum of a log line: {"replicas", 4}.
struct LogField {
    using Value = std::variant<std::string, std::int64_t, double, bool>;

    LogField(std::string_view key_, std::string_view text) : key(key_), value(std::string(text)) {}
    LogField(std::string_view key_, const char* text) : key(key_), value(std::string(text)) {}
    LogField(std::string_view key_, const std::string& text) : key(key_), value(text) {}
    template <class T>
        requires std::is_arithmetic_v<T>
    LogField(std::string_view key_, T number) : key(key_) {
        if constexpr (std::is_same_v<T, bool>) {
            value = number;
        } else if constexpr (std::is_floating_point_v<T>) {
            value = static_cast<double>(number);
        } else {
            value = static_cast<std::int64_t>(number);
        }
    }

    std::string key;
    Value value;
};

/// Writes JSON lines to standard output, one a change, data in fields:
/// {"time":"…","level":"info","msg":"Scaled workload","name":"worker","from":3,"to":5}.
/// A value with bound fields, cheap to copy, passed down; never a global. Any thread may write.
class Log {
 public:
    /// The root of a program's logs. `program` becomes the field "program".
    explicit Log(std::string_view program, LogLevel least = LogLevel::Info);

    /// The same log with more fields bound to every line.
    [[nodiscard]] Log with(std::initializer_list<LogField> fields) const;

    void debug(std::string_view message, std::initializer_list<LogField> fields = {}) const;
    void info(std::string_view message, std::initializer_list<LogField> fields = {}) const;
    void warning(std::string_view message, std::initializer_list<LogField> fields = {}) const;
    void error(std::string_view message, std::initializer_list<LogField> fields = {}) const;

    /// Takes effect for every copy of this log.
    void set_level(LogLevel least) const;

    /// Where lines go; the default is standard output. Tests collect them instead.
    using Sink = void (*)(void* context, std::string_view line);
    void set_sink(Sink sink, void* context) const;

 private:
    struct Shared;
    void write(LogLevel level, std::string_view message,
               std::initializer_list<LogField> fields) const;

    std::shared_ptr<Shared> shared_;
    std::string bound_;  // the bound fields, already written as JSON: ,"kind":"ScalingPolicy"
};

}  // namespace chatflow

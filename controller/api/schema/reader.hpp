#pragma once

#include "controller/api/schema/shape.hpp"
#include "libs/base/field_error.hpp"
#include "libs/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace chatflow::api::schema {

/// One pass over a JSON document: knows where it is and collects what is wrong there. Each
/// `read_…` checks a value against its shape; nothing comes back when it told an error.
class Reader {
 public:
    explicit Reader(bool refuse_unknown) : refuse_unknown_(refuse_unknown) {}

    /// Steps back when it ends.
    class Step {
     public:
        Step(std::string& path, std::size_t length) : path_(path), length_(length) {}
        ~Step() { path_.resize(length_); }
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;

     private:
        std::string& path_;
        std::size_t length_;
    };
    [[nodiscard]] Step into(std::string_view field);
    [[nodiscard]] Step into(std::size_t index);

    /// "must be …", about the value at the present place.
    void fail(std::string message);
    [[nodiscard]] std::size_t error_count() const { return count_; }
    [[nodiscard]] FieldErrors take_errors() { return std::move(errors_); }

    std::optional<std::int64_t> read_integer(const nlohmann::json& value, const Shape& shape);
    std::optional<bool> read_boolean(const nlohmann::json& value);
    const std::string* read_text(const nlohmann::json& value, const Shape& shape);
    std::optional<std::size_t> read_word(const nlohmann::json& value, const Shape& shape);
    std::optional<std::int64_t> read_quantity(const nlohmann::json& value, const Shape& shape);
    std::optional<TimePoint> read_time(const nlohmann::json& value);
    bool read_list(const nlohmann::json& value, const Shape& shape);
    bool read_map(const nlohmann::json& value, const Shape& shape);
    bool read_object(const nlohmann::json& value, const ObjectShape& shape);

 private:
    std::string path_;
    FieldErrors errors_;
    std::size_t count_ = 0;
    bool refuse_unknown_;
};

/// A value as an error message shows it: `"Dry"`, `5`, "a list".
[[nodiscard]] std::string shown(const nlohmann::json& value);

inline constexpr std::size_t kErrorsMax = 50;  // more would not be read

}  // namespace chatflow::api::schema

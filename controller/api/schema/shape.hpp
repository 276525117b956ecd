#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::api::schema {

struct ObjectShape;

/// A form of text: the regular expression for the schema, and the same in words for people.
struct Pattern {
    std::string_view regex;
    std::string_view words;  // completes "must be …"
};

enum class ValueKind { Integer, Boolean, Text, Quantity, Time, List, Map, Object };

/// Seconds as metav1.Time, microseconds as metav1.MicroTime, or a fraction where there is one.
enum class TimeStyle { Seconds, Micro, AsNeeded };

/// What a value may be, without its C++ type: parser, schema and reference page all read this.
struct Shape {
    ValueKind kind = ValueKind::Object;
    std::string_view format{};              // int32, int64
    std::optional<std::int64_t> minimum{};  // of integers; of quantities in thousandths
    std::optional<std::int64_t> maximum{};
    std::size_t size_min = 0;  // characters, items or entries
    std::optional<std::size_t> size_max{};
    const Pattern* pattern = nullptr;
    std::vector<std::string_view> words{};  // the only texts allowed, where there are such
    TimeStyle time_style = TimeStyle::Seconds;
    std::vector<std::string_view> list_keys{};  // listType map with these keys; none: atomic
    std::shared_ptr<Shape> element{};           // of a list or map
    const ObjectShape& (*object)() = nullptr;
};

/// One row of a table.
struct FieldShape {
    std::string_view name{};
    std::string_view doc{};       // sentences
    std::string_view unit{};      // "percent", "seconds"
    std::string_view example{};   // as YAML
    std::string default_value{};  // as JSON; empty: none
    bool required = false;
    /// A record of ours in a status: the CRD says only that it is an object. Its fields are in the
    /// reference; the CRD would grow by as much for each place that has it.
    bool is_record = false;
    Shape shape{};
};

/// What crosses fields: a CEL expression for the API server beside the same check in C++.
/// {field} in the message stands for that field's value.
struct RuleShape {
    std::string_view cel{};
    std::string_view at{};  // the field that the message is about; empty: the object
    std::string_view message{};
};

struct ObjectShape {
    std::string_view name;  // "ScalingPolicySpec": the title in the reference page
    std::string_view doc;
    std::vector<FieldShape> fields;
    std::vector<RuleShape> rules;
};

}  // namespace chatflow::api::schema

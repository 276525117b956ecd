#include "controller/api/schema/reader.hpp"

#include "controller/api/quantity.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>
#include <regex>

#include <fmt/format.h>

namespace chatflow::api::schema {

using nlohmann::json;

namespace {

constexpr std::size_t kShownTextMax = 60;  // characters of a value that a message repeats

bool has_form(const std::string& text, const Pattern& pattern) {
    static std::mutex mutex;
    static std::map<std::string_view, std::regex> compiled;
    const std::regex* regex = nullptr;
    {
        const std::scoped_lock lock(mutex);
        auto [entry, is_new] = compiled.try_emplace(pattern.regex);
        if (is_new) entry->second.assign(pattern.regex.begin(), pattern.regex.end());
        regex = &entry->second;
    }
    return std::regex_match(text, *regex);
}

std::string limits(const auto& least, const auto& most, std::string_view unit) {
    if (least && most) return fmt::format("must be from {} to {}{}", *least, *most, unit);
    if (least) return fmt::format("must be at least {}{}", *least, unit);
    return fmt::format("must be at most {}{}", *most, unit);
}

std::string milli_text(std::int64_t milli) { return to_string(Quantity::from_milli(milli)); }

bool is_outside(std::int64_t number, const Shape& shape) {
    return (shape.minimum && number < *shape.minimum) || (shape.maximum && number > *shape.maximum);
}

// Characters, as the API server counts: code points, not bytes.
std::size_t character_count(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

/// Says nothing when the size is right.
std::optional<std::string> wrong_size(std::size_t size, const Shape& shape, std::string_view unit) {
    if (size >= shape.size_min && (!shape.size_max || size <= *shape.size_max)) return {};
    if (shape.size_min > 0 && size == 0) return "must not be empty";
    const std::optional<std::size_t> least =
        shape.size_min > 0 ? std::optional(shape.size_min) : std::nullopt;
    return fmt::format("{}, not {}", limits(least, shape.size_max, unit), size);
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}

std::string unknown_field_message(std::string_view name, const ObjectShape& shape) {
    constexpr std::size_t kTypingSlips = 3;
    constexpr std::size_t kNameLengthMax = 64;
    std::string_view nearest;
    std::size_t least = kTypingSlips;
    for (const FieldShape& field : shape.fields) {
        if (name.size() > kNameLengthMax) break;
        const std::size_t distance = edit_distance(name, field.name);
        if (distance > least || distance >= field.name.size()) continue;
        least = distance;
        nearest = field.name;
    }
    if (!nearest.empty()) return fmt::format("is not a field here; did you mean {}?", nearest);
    std::string names;
    for (const FieldShape& field : shape.fields) {
        names += fmt::format("{}{}", names.empty() ? "" : ", ", field.name);
    }
    return fmt::format("is not a field here; there are {}", names);
}

}  // namespace

std::string shown(const json& value) {
    if (value.is_array()) return "a list";
    if (value.is_object()) return "an object";
    if (value.is_null()) return "nothing";
    std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
    if (text.size() <= kShownTextMax) return text;
    std::size_t end = kShownTextMax;
    while (end > 0 && (text[end] & 0xC0) == 0x80) --end;  // not within a character
    return text.substr(0, end) + "…\"";
}

Reader::Step Reader::into(std::string_view field) {
    const std::size_t length = path_.size();
    if (!path_.empty() && !field.empty()) path_ += '.';
    path_ += field;
    return {path_, length};
}

Reader::Step Reader::into(std::size_t index) {
    const std::size_t length = path_.size();
    path_ += fmt::format("[{}]", index);
    return {path_, length};
}

void Reader::fail(std::string message) {
    ++count_;
    if (errors_.size() < kErrorsMax) errors_.push_back({path_, std::move(message)});
}

std::optional<std::int64_t> Reader::read_integer(const json& value, const Shape& shape) {
    const bool too_large =
        value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX};
    const std::int64_t number = value.is_number_integer() ? value.get<std::int64_t>() : 0;
    if (!value.is_number_integer()) {
        fail("must be a whole number, not " + shown(value));
    } else if (too_large || is_outside(number, shape)) {
        // The greatest number that fits is no bound that anyone thinks of.
        const bool is_bounded = too_large || number >= *shape.minimum ||
                                *shape.maximum < std::numeric_limits<std::int32_t>::max();
        const auto most = is_bounded ? shape.maximum : std::nullopt;
        fail(fmt::format("{}, not {}", limits(shape.minimum, most, ""), shown(value)));
    } else {
        return number;
    }
    return {};
}

std::optional<bool> Reader::read_boolean(const json& value) {
    if (value.is_boolean()) return value.get<bool>();
    fail("must be true or false, not " + shown(value));
    return {};
}

const std::string* Reader::read_text(const json& value, const Shape& shape) {
    const auto* text = value.get_ptr<const std::string*>();
    if (!shape.words.empty()) return read_word(value, shape) ? text : nullptr;
    if (text == nullptr) {
        fail("must be a text, not " + shown(value));
    } else if (auto wrong = wrong_size(character_count(*text), shape, " characters long")) {
        fail(*std::move(wrong));
    } else if (shape.pattern != nullptr && !has_form(*text, *shape.pattern)) {
        fail(fmt::format("must be {}, not {}", shape.pattern->words, shown(value)));
    } else {
        return text;
    }
    return nullptr;
}

std::optional<std::size_t> Reader::read_word(const json& value, const Shape& shape) {
    if (const auto* text = value.get_ptr<const std::string*>()) {
        const auto found = std::ranges::find(shape.words, *text);
        if (found != shape.words.end()) {
            return static_cast<std::size_t>(found - shape.words.begin());
        }
    }
    fail(fmt::format("must be {}{}, not {}", shape.words.size() > 1 ? "one of " : "",
                     fmt::join(shape.words, ", "), shown(value)));
    return {};
}

std::optional<std::int64_t> Reader::read_quantity(const json& value, const Shape& shape) {
    std::optional<Quantity> quantity;
    if (const auto* text = value.get_ptr<const std::string*>()) {
        quantity = Quantity::parse(*text);
    } else if (value.is_number()) {
        quantity = Quantity::parse(value.dump());
    }
    if (!quantity) {
        fail("must be a quantity such as 500m, 2, 1.5 or 128Mi, not " + shown(value));
    } else if (is_outside(quantity->milli(), shape)) {
        fail(fmt::format(
            "{}, not {}",
            limits(shape.minimum.transform(milli_text), shape.maximum.transform(milli_text), ""),
            shown(value)));
    } else {
        return quantity->milli();
    }
    return {};
}

std::optional<TimePoint> Reader::read_time(const json& value) {
    if (const auto* text = value.get_ptr<const std::string*>()) {
        if (const auto at = parse_rfc3339(*text)) return at;
    }
    fail("must be a time such as 2026-11-21T08:00:00Z, not " + shown(value));
    return {};
}

bool Reader::read_list(const json& value, const Shape& shape) {
    if (!value.is_array()) {
        fail("must be a list, not " + shown(value));
    } else if (auto wrong = wrong_size(value.size(), shape, " items long")) {
        fail(*std::move(wrong));
    } else {
        return true;
    }
    return false;
}

bool Reader::read_map(const json& value, const Shape& shape) {
    if (!value.is_object()) {
        fail("must be an object, not " + shown(value));
    } else if (auto wrong = wrong_size(value.size(), shape, " entries long")) {
        fail(*std::move(wrong));
    } else {
        return true;
    }
    return false;
}

bool Reader::read_object(const json& value, const ObjectShape& shape) {
    if (!value.is_object()) {
        fail("must be an object, not " + shown(value));
        return false;
    }
    if (!refuse_unknown_) return true;
    for (const auto& [name, member] : value.items()) {
        if (std::ranges::contains(shape.fields, name, &FieldShape::name)) continue;
        const Step step = into(std::string_view(name).substr(0, kShownTextMax));
        fail(unknown_field_message(name, shape));
    }
    return true;
}

}  // namespace chatflow::api::schema

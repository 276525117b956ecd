#pragma once

#include "controller/api/quantity.hpp"
#include "controller/api/schema/reader.hpp"
#include "controller/api/schema/shape.hpp"
#include "libs/base/time.hpp"

#include <concepts>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

namespace chatflow::api::schema {

template <class S>
class Struct;

/// The table of a struct; specialised once for each (controller/api/tables.hpp).
template <class S>
const Struct<S>& table();

template <class E>
struct Word {
    E value;
    std::string_view text;
};

/// The words of an enum; specialised once for each (controller/api/tables.hpp).
template <class E>
std::span<const Word<E>> words();

/// How a C++ type is described, read and written. The first one serves structs with a table.
template <class T>
struct Codec {
    static Shape shape() {
        return {.kind = ValueKind::Object,
                .object = []() -> const ObjectShape& { return table<T>().shape(); }};
    }
    static void read(const nlohmann::json& json, T& value, const Shape&, Reader& reader) {
        table<T>().read(json, value, reader);
    }
    static nlohmann::json write(const T& value, const Shape&) { return table<T>().write(value); }
};

template <std::integral T>
struct Codec<T> {
    static Shape shape() {
        return {.kind = ValueKind::Integer,
                .format = sizeof(T) > 4 ? "int64" : "int32",
                .minimum = std::numeric_limits<T>::min(),
                .maximum = std::numeric_limits<T>::max()};
    }
    static void read(const nlohmann::json& json, T& value, const Shape& shape, Reader& reader) {
        if (const auto number = reader.read_integer(json, shape)) value = static_cast<T>(*number);
    }
    static nlohmann::json write(T value, const Shape&) { return value; }
};

template <>
struct Codec<bool> {
    static Shape shape() { return {.kind = ValueKind::Boolean}; }
    static void read(const nlohmann::json& json, bool& value, const Shape&, Reader& reader) {
        value = reader.read_boolean(json).value_or(value);
    }
    static nlohmann::json write(bool value, const Shape&) { return value; }
};

template <>
struct Codec<std::string> {
    static Shape shape() { return {.kind = ValueKind::Text}; }
    static void read(const nlohmann::json& json, std::string& value, const Shape& shape,
                     Reader& reader) {
        if (const std::string* text = reader.read_text(json, shape)) value = *text;
    }
    static nlohmann::json write(const std::string& value, const Shape&) { return value; }
};

template <class E>
    requires std::is_enum_v<E>
struct Codec<E> {
    static Shape shape() {
        Shape shape{.kind = ValueKind::Text};
        for (const Word<E>& word : words<E>()) shape.words.push_back(word.text);
        return shape;
    }
    static void read(const nlohmann::json& json, E& value, const Shape& shape, Reader& reader) {
        if (const auto index = reader.read_word(json, shape)) value = words<E>()[*index].value;
    }
    static nlohmann::json write(E value, const Shape&) {
        for (const Word<E>& word : words<E>()) {
            if (word.value == value) return word.text;
        }
        return {};
    }
};

template <>
struct Codec<Quantity> {
    static Shape shape() { return {.kind = ValueKind::Quantity, .size_max = kQuantityTextMax}; }
    static void read(const nlohmann::json& json, Quantity& value, const Shape& shape,
                     Reader& reader) {
        if (const auto milli = reader.read_quantity(json, shape)) {
            value = Quantity::from_milli(*milli);
        }
    }
    static nlohmann::json write(Quantity value, const Shape&) { return to_string(value); }
};

template <>
struct Codec<TimePoint> {
    static Shape shape() { return {.kind = ValueKind::Time}; }
    static void read(const nlohmann::json& json, TimePoint& value, const Shape&, Reader& reader) {
        value = reader.read_time(json).value_or(value);
    }
    static nlohmann::json write(TimePoint value, const Shape& shape) {
        const bool is_whole = value == std::chrono::floor<std::chrono::seconds>(value);
        const bool micro = shape.time_style == TimeStyle::Micro ||
                           (shape.time_style == TimeStyle::AsNeeded && !is_whole);
        return micro ? format_rfc3339_micro(value) : format_rfc3339(value);
    }
};

template <class T>
struct Codec<std::vector<T>> {
    static Shape shape() {
        return {.kind = ValueKind::List, .element = std::make_shared<Shape>(Codec<T>::shape())};
    }
    static void read(const nlohmann::json& json, std::vector<T>& list, const Shape& shape,
                     Reader& reader) {
        if (!reader.read_list(json, shape)) return;
        list.clear();
        list.reserve(json.size());
        for (std::size_t index = 0; index < json.size(); ++index) {
            const auto step = reader.into(index);
            Codec<T>::read(json[index], list.emplace_back(), *shape.element, reader);
        }
    }
    static nlohmann::json write(const std::vector<T>& list, const Shape& shape) {
        auto json = nlohmann::json::array();
        for (const T& value : list) json.push_back(Codec<T>::write(value, *shape.element));
        return json;
    }
};

template <class T>
struct Codec<std::map<std::string, T>> {
    static Shape shape() {
        return {.kind = ValueKind::Map, .element = std::make_shared<Shape>(Codec<T>::shape())};
    }
    static void read(const nlohmann::json& json, std::map<std::string, T>& map, const Shape& shape,
                     Reader& reader) {
        if (!reader.read_map(json, shape)) return;
        map.clear();
        for (const auto& [key, member] : json.items()) {
            const auto step = reader.into(key);
            Codec<T>::read(member, map[key], *shape.element, reader);
        }
    }
    static nlohmann::json write(const std::map<std::string, T>& map, const Shape& shape) {
        auto json = nlohmann::json::object();
        for (const auto& [key, value] : map) json[key] = Codec<T>::write(value, *shape.element);
        return json;
    }
};

}  // namespace chatflow::api::schema

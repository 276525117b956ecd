#pragma once

#include "controller/api/schema/codec.hpp"
#include "controller/api/schema/shape.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace chatflow::api::schema {

/// A row of a table: how one member is read and written, without its type and that of its struct,
/// so that the code for both exists once and not once per field.
struct Field {
    FieldShape shape{};
    /// Where the member lies in its struct, in bytes.
    std::ptrdiff_t offset = 0;
    void (*read_member)(const nlohmann::json&, void* member, const Shape&, Reader&) = nullptr;
    /// False: there is nothing to write.
    bool (*write_member)(const void* member, const Shape&, nlohmann::json& out) = nullptr;
    /// Of a field with a default.
    std::shared_ptr<const void> fallback{};
    void (*assign)(void* member, const void* value) = nullptr;
    /// Of a field that is not written while it has the value of a new object.
    bool (*is_new)(const void* member) = nullptr;

    /// `partial`: required fields may be missing.
    void read(const nlohmann::json& object, void* owner, Reader& reader, bool partial) const;
    void write(const void* owner, nlohmann::json& object) const;
};

/// A row of the table of `S`.
template <class S>
struct FieldOf : Field {};

/// An empty text, list, map or object, or null.
[[nodiscard]] bool is_empty(const nlohmann::json& value);

/// As offsetof, which does not take a pointer to member. Nothing is read or written there.
template <class S, class M>
std::ptrdiff_t offset_of(M S::* member) {
    alignas(S) static std::byte place[sizeof(S)];
    const auto* object = reinterpret_cast<const S*>(place);
    return reinterpret_cast<const std::byte*>(&(object->*member)) - place;
}

template <class M>
struct ValueOf {
    using type = M;
    static constexpr bool kIsOptional = false;
};
template <class V>
struct ValueOf<std::optional<V>> {
    using type = V;
    static constexpr bool kIsOptional = true;
};

/// What field(…) returns: the row being written. Every bound given here ends up in the parser, the
/// schema and the reference page.
template <class S, class M>
class FieldBuilder {
    using V = typename ValueOf<M>::type;

 public:
    FieldBuilder(std::string_view name, M S::* member)
        : field_{.shape = {.name = name, .shape = Codec<V>::shape()},
                 .offset = offset_of(member),
                 .read_member = read_member,
                 .write_member = write_member} {}

    // What it means.
    FieldBuilder& doc(std::string_view sentences) { return field_.shape.doc = sentences, *this; }
    FieldBuilder& unit(std::string_view unit) { return field_.shape.unit = unit, *this; }
    FieldBuilder& example(std::string_view yaml) { return field_.shape.example = yaml, *this; }

    // Whether it has to be there. Without either it may be missing and is then left as it is.
    FieldBuilder& required() { return field_.shape.required = true, *this; }
    FieldBuilder& default_to(V value)
        requires(!ValueOf<M>::kIsOptional)
    {
        field_.shape.default_value = Codec<V>::write(value, values()).dump();
        field_.fallback = std::make_shared<const V>(std::move(value));
        field_.assign = [](void* member, const void* fallback) {
            *static_cast<V*>(member) = *static_cast<const V*>(fallback);
        };
        return *this;
    }
    /// Not written while it has the value of a new object: for zero and false.
    FieldBuilder& omit_if_new() {
        field_.is_new = [](const void* member) { return *static_cast<const M*>(member) == M{}; };
        return *this;
    }

    // What it may be.
    FieldBuilder& between(V least, V most) { return minimum(least).maximum(most); }
    FieldBuilder& minimum(V least) { return values().minimum = number(least), *this; }
    FieldBuilder& maximum(V most) { return values().maximum = number(most), *this; }
    /// Characters of a text, items of a list, entries of a map.
    FieldBuilder& size(std::size_t least, std::size_t most) {
        values().size_min = least;
        values().size_max = most;
        return *this;
    }
    FieldBuilder& form(const Pattern& pattern) { return values().pattern = &pattern, *this; }
    FieldBuilder& only(std::initializer_list<std::string_view> words) {
        return values().words = words, *this;
    }
    /// Of the texts in a list or map.
    FieldBuilder& each_size(std::size_t least, std::size_t most) {
        values().element->size_min = least;
        values().element->size_max = most;
        return *this;
    }
    FieldBuilder& keyed_by(std::initializer_list<std::string_view> fields) {
        return values().list_keys = fields, *this;
    }
    FieldBuilder& record() { return field_.shape.is_record = true, *this; }
    FieldBuilder& style(TimeStyle style) { return values().time_style = style, *this; }

    operator FieldOf<S>() const { return {field_}; }

 private:
    static std::int64_t number(V value) {
        if constexpr (std::is_same_v<V, Quantity>) {
            return value.milli();
        } else {
            return value;
        }
    }

    static void read_member(const nlohmann::json& json, void* member, const Shape& shape,
                            Reader& reader) {
        M& value = *static_cast<M*>(member);
        if constexpr (ValueOf<M>::kIsOptional) {
            Codec<V>::read(json, value.emplace(), shape, reader);
        } else {
            Codec<V>::read(json, value, shape, reader);
        }
    }

    static bool write_member(const void* member, const Shape& shape, nlohmann::json& out) {
        const M& value = *static_cast<const M*>(member);
        if constexpr (ValueOf<M>::kIsOptional) {
            if (value) out = Codec<V>::write(*value, shape);
            return value.has_value();
        } else {
            out = Codec<V>::write(value, shape);
            return !is_empty(out);
        }
    }

    Shape& values() { return field_.shape.shape; }

    Field field_;
};

/// field("minReplicas", &ScalingPolicySpec::min_replicas).default_to(1).minimum(0).doc("…")
template <class S, class M>
FieldBuilder<S, M> field(std::string_view name, M S::* member) {
    return {name, member};
}

}  // namespace chatflow::api::schema

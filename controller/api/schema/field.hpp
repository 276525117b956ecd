#pragma once

#include "controller/api/schema/codec.hpp"
#include "controller/api/schema/shape.hpp"

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace chatflow::api::schema {

/// A row of the table of `S`, without the type of its member.
template <class S>
struct Field {
    FieldShape shape;
    /// `partial`: required fields may be missing.
    std::function<void(const nlohmann::json& object, S&, Reader&, bool partial)> read;
    std::function<void(const S&, nlohmann::json& object)> write;
};

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
        : shape_{.name = name, .shape = Codec<V>::shape()}, member_(member) {}

    // What it means.
    FieldBuilder& doc(std::string_view sentences) { return shape_.doc = sentences, *this; }
    FieldBuilder& unit(std::string_view unit) { return shape_.unit = unit, *this; }
    FieldBuilder& example(std::string_view yaml) { return shape_.example = yaml, *this; }

    // Whether it has to be there. Without either it may be missing and is then left as it is.
    FieldBuilder& required() { return shape_.required = true, *this; }
    FieldBuilder& default_to(V value)
        requires(!ValueOf<M>::kIsOptional)
    {
        shape_.default_value = Codec<V>::write(value, shape_.shape).dump();
        default_ = std::move(value);
        return *this;
    }
    /// Not written while it has the value of a new object: for zero and false.
    FieldBuilder& omit_if_new() { return omit_if_new_ = true, *this; }

    // What it may be.
    FieldBuilder& between(V least, V most) { return minimum(least).maximum(most); }
    FieldBuilder& minimum(V least) { return shape_.shape.minimum = number(least), *this; }
    FieldBuilder& maximum(V most) { return shape_.shape.maximum = number(most), *this; }
    /// Characters of a text, items of a list, entries of a map.
    FieldBuilder& size(std::size_t least, std::size_t most) {
        shape_.shape.size_min = least;
        shape_.shape.size_max = most;
        return *this;
    }
    FieldBuilder& form(const Pattern& pattern) { return shape_.shape.pattern = &pattern, *this; }
    FieldBuilder& only(std::initializer_list<std::string_view> words) {
        return shape_.shape.words = words, *this;
    }
    /// Of the texts in a list or map.
    FieldBuilder& each_size(std::size_t least, std::size_t most) {
        shape_.shape.element->size_min = least;
        shape_.shape.element->size_max = most;
        return *this;
    }
    FieldBuilder& keyed_by(std::initializer_list<std::string_view> fields) {
        return shape_.shape.list_keys = fields, *this;
    }
    FieldBuilder& record() { return shape_.is_record = true, *this; }
    FieldBuilder& style(TimeStyle style) { return shape_.shape.time_style = style, *this; }

    operator Field<S>() const { return {.shape = shape_, .read = reader(), .write = writer()}; }

 private:
    static std::int64_t number(V value) {
        if constexpr (std::is_same_v<V, Quantity>) {
            return value.milli();
        } else {
            return value;
        }
    }

    auto reader() const {
        return [row = shape_, member = member_, fallback = default_](
                   const nlohmann::json& object, S& out, Reader& reader, bool partial) {
            M& value = out.*member;
            const auto found = object.find(row.name);
            const bool may_be_empty = partial && row.required;
            if (found == object.end() || found->is_null() || (may_be_empty && found->empty())) {
                if (fallback) value = *fallback;
                if (!row.required || partial) return;
                const auto step = reader.into(row.name);
                return reader.fail("is required");
            }
            const auto step = reader.into(row.name);
            Codec<V>::read(*found, place(value), row.shape, reader);
        };
    }

    auto writer() const {
        return [row = shape_, member = member_, omit = omit_if_new_](const S& from,
                                                                     nlohmann::json& object) {
            const M& value = from.*member;
            if (omit && value == M{}) return;
            if constexpr (ValueOf<M>::kIsOptional) {
                if (value) object[row.name] = Codec<V>::write(*value, row.shape);
            } else {
                auto json = Codec<V>::write(value, row.shape);
                const bool is_empty = json.is_string()
                                          ? json.template get_ref<const std::string&>().empty()
                                          : json.empty();
                if (!is_empty) object[row.name] = std::move(json);
            }
        };
    }

    static V& place(M& value) {
        if constexpr (ValueOf<M>::kIsOptional) {
            return value.emplace();
        } else {
            return value;
        }
    }

    FieldShape shape_;
    M S::* member_;
    std::optional<V> default_;
    bool omit_if_new_ = false;
};

/// field("minReplicas", &ScalingPolicySpec::min_replicas).default_to(1).minimum(0).doc("…")
template <class S, class M>
FieldBuilder<S, M> field(std::string_view name, M S::* member) {
    return {name, member};
}

}  // namespace chatflow::api::schema
